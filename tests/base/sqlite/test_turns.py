"""Several processes write into one file: each gets its share, and a dead one blocks nobody."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, transaction
from django.db.utils import load_backend
from django.utils import timezone

from beffroi.base.sqlite.turn import TurnTimeoutError, WriteTurn

WRITER = Path(__file__).with_name("writer.py")
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "town.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, writer TEXT)")
    connection.close()
    return path


@pytest.fixture
def start(database: Path, tmp_path: Path) -> Iterator[Start]:
    children: list[subprocess.Popen[str]] = []

    def start_writer(name: str, pause: str = "0") -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [sys.executable, str(WRITER), str(database), name, str(tmp_path / "stop"), pause],
            stdout=subprocess.PIPE,
            text=True,
        )
        children.append(child)
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        return child

    yield start_writer
    for child in children:
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()


@pytest.fixture
def connect(django_db_blocker: Any) -> Iterator[Callable[..., Any]]:
    """Connections of the product's backend to any file, not only to Django's."""
    with django_db_blocker.unblock():
        yield new_connection


def new_connection(path: Path, **options: object) -> Any:
    backend = load_backend("beffroi.base.sqlite")
    return backend.DatabaseWrapper(
        {
            "ENGINE": "beffroi.base.sqlite",
            "NAME": str(path),
            "OPTIONS": options,
            "AUTOCOMMIT": True,
            "ATOMIC_REQUESTS": False,
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": False,
            "TIME_ZONE": None,
            "USER": "",
            "PASSWORD": "",
            "HOST": "",
            "PORT": "",
            "TEST": {"NAME": None},
        }
    )


def rows(path: Path) -> dict[str, int]:
    connection = sqlite3.connect(path)
    found = dict(connection.execute("SELECT writer, count(*) FROM entry GROUP BY writer"))
    connection.close()
    return found


@pytest.mark.faults
def test_one_flat_out_writer_leaves_the_others_their_share(
    database: Path, start: Start, tmp_path: Path
) -> None:
    children = [start("eager")] + [start(name, "0.01") for name in ("b", "c", "d")]
    before = rows(database)

    def shares() -> list[int]:
        now = rows(database)
        return [now.get(name, 0) - before.get(name, 0) for name in ("b", "c", "d")]

    deadline = time.monotonic() + 60
    while min(shares()) < 30:
        assert time.monotonic() < deadline, shares()
        time.sleep(0.05)
    seen = shares()
    (tmp_path / "stop").touch()
    said = [int(child.communicate(timeout=30)[0]) for child in children]
    counted = rows(database)
    assert said == [counted[name] for name in ("eager", "b", "c", "d")]
    assert max(seen) <= 3 * min(seen), seen


@pytest.mark.faults
def test_four_flat_out_writers_share_evenly(database: Path, start: Start, tmp_path: Path) -> None:
    children = [start(name) for name in "abcd"]
    deadline = time.monotonic() + 60
    before = rows(database)
    while sum(rows(database).values()) - sum(before.values()) < 800:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    after = rows(database)
    (tmp_path / "stop").touch()
    for child in children:
        child.communicate(timeout=30)
    shares = [after.get(name, 0) - before.get(name, 0) for name in "abcd"]
    assert min(shares) >= sum(shares) / 4 / 3, shares


def test_killing_the_holder_frees_the_turn(
    database: Path, start: Start, connect: Callable[..., Any]
) -> None:
    holder = start("dead", "hold")
    assert holder.stdout is not None
    assert holder.stdout.readline() == "holding\n"
    connection = connect(database, turn_timeout=0.2)
    with pytest.raises(OperationalError, match=f"process {holder.pid}") as raised:
        connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    assert "Nothing of this transaction was stored" in str(raised.value)
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO entry (writer) VALUES ('survivor')")
    connection.close()
    assert rows(database) == {"survivor": 1}


def test_two_threads_of_one_process_take_turns(database: Path) -> None:
    first, second = WriteTurn(database), WriteTurn(database)
    first.take(1)
    with pytest.raises(TurnTimeoutError):
        second.take(0.05)
    waiting = threading.Thread(target=second.take, args=(30,))
    waiting.start()
    first.release()
    waiting.join()
    assert second.held
    assert not first.held
    first.close()
    second.close()


def test_a_forked_child_does_not_keep_the_turn(database: Path) -> None:
    turn = WriteTurn(database)
    turn.take(1)
    ready, say = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(say, b"1" if not turn.held else b"0")
        time.sleep(3600)
        os._exit(0)
    try:
        assert os.read(ready, 1) == b"1"
        turn.close()
        other = WriteTurn(database)
        other.take(5)
        other.close()
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(ready)
        os.close(say)


def test_settings_of_a_connection(database: Path, connect: Callable[..., Any]) -> None:
    connection = connect(database)
    with connection.cursor() as cursor:
        values = [
            cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    connection.close()
    assert values == ["wal", 2, 1, 20_000]


def test_the_turn_is_given_back_on_commit_rollback_and_close(
    database: Path, connect: Callable[..., Any]
) -> None:
    connection, watcher = connect(database), WriteTurn(database)

    def free() -> bool:
        try:
            watcher.take(0)
        except TurnTimeoutError:
            return False
        watcher.release()
        return True

    begin = {"force_begin_transaction_with_broken_autocommit": True}
    for end in (connection.commit, connection.rollback, connection.close):
        connection.set_autocommit(False, **begin)
        assert not free()
        end()
        assert free()
        if connection.connection is not None:
            connection.set_autocommit(True)
    watcher.close()


@pytest.mark.django_db(transaction=True)
def test_reading_takes_no_turn_and_cannot_write() -> None:
    from django.db import connection

    from beffroi.base.sqlite.public import reading
    from beffroi.base.tasks.models import Task

    with reading():
        assert Task.objects.count() == 0
        if connection.vendor == "sqlite":
            other = WriteTurn(connection.settings_dict["NAME"])
            other.take(1)
            other.close()
        with pytest.raises(Exception, match=r"readonly|read-only"), transaction.atomic():
            Task.objects.create(name="x", due=timezone.now())
    Task.objects.create(name="x", due=timezone.now())
    assert Task.objects.count() == 1
