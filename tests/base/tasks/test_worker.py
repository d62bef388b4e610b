"""The worker with its real threads, sockets and database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from beffroi.base.tasks.models import Clock, Task
from beffroi.base.tasks.presence import Presence, dead_workers
from beffroi.base.tasks.public import PERIODS, enqueue, task
from beffroi.base.tasks.wake import run_folder
from beffroi.base.tasks.worker import Worker

pytestmark = pytest.mark.django_db(transaction=True)


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)


@pytest.fixture
def worker(installation: Any) -> Iterator[Callable[..., Worker]]:
    PERIODS.clear()  # the product's own periodic tasks would run first
    running: list[tuple[Worker, threading.Thread]] = []

    def start(**options: Any) -> Worker:
        made = Worker(**options)
        thread = threading.Thread(target=made.run)
        thread.start()
        running.append((made, thread))
        return made

    yield start
    for made, _ in running:
        made.stop()
    for _, thread in running:
        thread.join(30)
        assert not thread.is_alive()


def test_it_does_what_is_put_in_and_is_woken_for_it(worker: Any) -> None:
    done: list[float] = []

    @task("test.when")
    def when(put_in: float) -> None:
        done.append(time.monotonic() - put_in)

    worker()
    for count in range(1, 11):
        with transaction.atomic():
            enqueue(when, put_in=time.monotonic())
        wait_for(lambda count=count: len(done) == count)  # type: ignore[misc]
    assert Task.objects.count() == 0


def test_several_workers_share_the_work_without_doing_it_twice(worker: Any) -> None:
    done: list[int] = []
    task("test.note")(lambda number: done.append(number))
    for _ in range(3):
        worker(threads=2)
    with transaction.atomic():
        for number in range(60):
            enqueue("test.note", number=number)
    wait_for(lambda: Task.objects.count() == 0)
    assert sorted(done) == list(range(60))


def test_a_long_task_does_not_hold_up_an_urgent_one_and_is_finished_at_stop(worker: Any) -> None:
    release, began, urgent, finished = (threading.Event() for _ in range(4))

    @task("test.long")
    def long() -> None:
        began.set()
        release.wait(30)
        finished.set()

    task("test.quick", urgent=True)(lambda: urgent.set())
    running = worker(lease=timedelta(seconds=0.3))
    enqueue(long)
    assert began.wait(30)
    enqueue("test.quick")
    assert urgent.wait(30)
    wait_for(lambda: Task.objects.count() == 1)
    lease_at_start = Task.objects.get().due
    wait_for(lambda: Task.objects.get().due > lease_at_start)
    running.stop()
    release.set()
    assert finished.wait(30)
    wait_for(lambda: Task.objects.count() == 0)


def test_an_error_does_not_stop_the_worker(worker: Any) -> None:
    done = threading.Event()

    @task("test.break", tries=1)
    def break_down() -> None:
        raise RuntimeError("broken")

    task("test.after")(lambda: done.set())
    worker()
    enqueue(break_down)
    enqueue("test.after")
    assert done.wait(30)
    wait_for(lambda: Task.objects.filter(failed_at__isnull=True).count() == 0)
    assert "broken" in Task.objects.get().error


def test_a_task_from_another_version_is_kept_with_a_clear_error(worker: Any) -> None:
    task("test.gone")(lambda: None)
    enqueue("test.gone")
    from beffroi.base.tasks import registry

    registry.TASKS.pop("test.gone")
    worker()
    wait_for(lambda: "is not a task" in Task.objects.get().error)


def test_the_tasks_of_a_dead_worker_start_again_at_once(worker: Any) -> None:
    from beffroi.base.tasks import queue

    done = threading.Event()
    task("test.left")(lambda: done.set())
    dead = Presence(run_folder())
    enqueue("test.left")
    assert queue.claim(f"{dead.name}:x", lease=timedelta(hours=1)) is not None
    assert list(dead_workers(run_folder())) == []
    import os

    os.close(dead._descriptor)  # what the kernel does when a process dies
    worker()
    assert done.wait(30)


def test_an_idle_worker_costs_next_to_nothing(worker: Any) -> None:
    worker()
    if connection.vendor == "sqlite":
        wait_for(lambda: Clock.objects.exists())
    started = time.process_time()
    time.sleep(1.0)
    assert time.process_time() - started < 0.05
