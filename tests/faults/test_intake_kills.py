"""The intake process dies at any moment: what it acknowledged is there."""

from __future__ import annotations

import hashlib
import random
import socket
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.faults.conftest import Environment, Victim, wait_for
from tests.faults.flow import Flow

from beffroi.base.intake.inbox import Inbox

KILLS = 12


@pytest.mark.faults
def test_no_acknowledged_message_is_lost(
    victim: Callable[..., Victim], environment: Environment
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    file = Path(environment["BEFFROI_DATA"]) / "inbox.sqlite3"
    inbox = Inbox(file)
    inbox.set_key("d1", hashlib.sha256(b"token").hexdigest())
    intake = victim("-m", "beffroi.project.services.intake", BEFFROI_MQTT_PORT=str(port))
    flow = Flow(port, "d1", "token", lambda number: b'{"n": %d}' % number)
    dice = random.Random(3)

    def acknowledged_after(kill: int, heard: int) -> Callable[[], bool]:
        return lambda: flow.connections > kill and len(flow.acknowledged) > heard

    intake.start()
    flow.start()
    for kill in range(KILLS):
        wait_for(acknowledged_after(kill, len(flow.acknowledged)), what="an acknowledgement")
        time.sleep(dice.uniform(0, 0.2))
        intake.kill()
        intake.start()
    flow.finish()
    flow.join(60)
    assert not flow.is_alive()
    wait_for(lambda: handled(environment) in {None, inbox.last_number()}, what="handling them all")
    assert intake.end() == 0

    stored = Counter(int(m.payload[6:-1]) for m in inbox.after(0, 10_000_000))
    assert flow.acknowledged == set(range(flow.sent))
    assert flow.acknowledged - set(stored) == set()
    assert set(stored) - set(range(flow.sent)) == set()
    assert sqlite3.connect(file).execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert intake.kills == KILLS


def handled(environment: Environment) -> int | None:
    """How far the handlers have come; None when the product registers none."""
    database = Path(environment["BEFFROI_DATA"]) / "main.sqlite3"
    connection = sqlite3.connect(database)
    (number,) = connection.execute("SELECT min(number) FROM intake_position").fetchone()
    connection.close()
    return None if number is None else int(number)
