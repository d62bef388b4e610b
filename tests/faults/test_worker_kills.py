"""Workers and those who give them work die at any moment: each effect happens, and happens once."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.faults.conftest import Environment, Nursery, wait_for

EVENTS = "SELECT count(*) FROM outbox_outboxevent"
KILLS = 30
TASKS = 400
PROGRAM = ("-m", "tests.faults.processes")


def ask(environment: Environment, question: str) -> Any:
    connection = sqlite3.connect(Path(environment["BEFFROI_DATA"]) / "main.sqlite3", timeout=30)
    (answer,) = connection.execute(question).fetchone()
    connection.close()
    return answer


def left(environment: Environment) -> int:
    return int(
        ask(environment, "SELECT count(*) FROM tasks_task WHERE name LIKE '%test.%'"),
    )


@pytest.mark.faults
def test_each_task_is_done_once_by_its_effect(nursery: Nursery, environment: Environment) -> None:
    files = Path(environment["BEFFROI_DATA"]) / "files"
    files.mkdir(exist_ok=True)
    subprocess.run([sys.executable, "-c", ENQUEUE], env=environment, check=True, timeout=60)
    assert left(environment) == 2 * TASKS
    dice = random.Random(5)

    def fewer_than(before: int) -> Callable[[], bool]:
        return lambda: before == 0 or left(environment) < before

    workers = [nursery.start("work") for _ in range(2)]
    for kill in range(KILLS):
        wait_for(fewer_than(left(environment)), what="progress")
        time.sleep(dice.uniform(0, 0.05))
        nursery.kill(workers[kill % 2])
        workers[kill % 2] = nursery.start("work")
    assert left(environment) > 0, "the kills came too late to prove anything"
    wait_for(lambda: left(environment) == 0, what="doing all tasks")
    for worker in workers:
        nursery.stop(worker)

    effects = "FROM intake_position WHERE handler LIKE 'once:%'"
    assert ask(environment, f"SELECT count(*) {effects}") == TASKS
    assert ask(environment, f"SELECT sum(number) {effects}") == TASKS
    assert len(list(files.iterdir())) == TASKS
    assert ask(environment, "SELECT count(*) FROM tasks_task WHERE failed_at IS NOT NULL") == 0
    assert list((files.parent / "run").glob("worker*")) == []


ENQUEUE = f"""
import django
django.setup()
from django.db import transaction
from tests.faults.processes import declare
from beffroi.base.tasks.public import enqueue
declare()
with transaction.atomic():
    for number in range({TASKS}):
        enqueue("test.once", number=number)
        enqueue("test.again", number=number)
"""


@pytest.mark.faults
def test_a_change_and_its_event_stay_together(nursery: Nursery, environment: Environment) -> None:
    dice = random.Random(9)

    def events_more_than(before: int) -> Callable[[], bool]:
        return lambda: ask(environment, EVENTS) > before

    worker = nursery.start("work")
    for _ in range(KILLS // 2):
        emitted = events_more_than(ask(environment, EVENTS))
        emitter = nursery.start("emit")
        wait_for(emitted, what="emitting")
        time.sleep(dice.uniform(0, 0.05))
        nursery.kill(emitter)
    changed = ask(environment, "SELECT count(*) FROM intake_position")
    assert ask(environment, EVENTS) == changed
    wait_for(lambda: left(environment) == 0, what="hearing all events")
    nursery.stop(worker)
    assert ask(environment, "SELECT sum(number) FROM intake_position") == changed
    assert ask(environment, "SELECT max(number) FROM intake_position") == 1
