"""The hub's durable log: one SQLite file, one writing thread, group commit.

The thread takes all that has piled up, commits it at once with synchronous=FULL, then reports.
Batches grow with the load, so no timer is needed.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

SCHEMA_VERSION = 1
SCHEMA = """
CREATE TABLE event (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    topics TEXT NOT NULL,
    private INTEGER NOT NULL,
    wire BLOB NOT NULL,
    stored REAL NOT NULL
);
"""
PURGE_EVERY = 60.0
PURGE_BATCH = 1000

logger = logging.getLogger("beffroi.live.log")


@dataclass(frozen=True, slots=True)
class Event:
    """One published update; `wire` is what every subscriber receives, byte for byte."""

    id: str
    topics: tuple[str, ...]
    private: bool
    wire: bytes
    position: int = 0
    """Place in the log, from 1, only ever growing; 0 before the commit."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of one event: `fresh` is False when its id was already there."""

    event: Event
    fresh: bool


Report = Callable[[list[Event], list[Stored] | None], None]
"""Called in the writing thread with a batch and its outcome; None: nothing of it was stored."""


def connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA journal_size_limit=16777216")
    return connection


def prepare(path: Path) -> None:
    """Create the file or check that its schema is ours."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = connect(path)
    try:
        connection.execute("BEGIN IMMEDIATE")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            connection.execute(SCHEMA)
            connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        elif version != SCHEMA_VERSION:
            raise RuntimeError(f"{path} has schema {version}, this program knows {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    finally:
        connection.close()


class Writer(threading.Thread):
    """Stores events in the order in which they were given, and purges what has had its time."""

    def __init__(self, path: Path, report: Report, keep_seconds: float, keep_events: int) -> None:
        super().__init__(name="hub-log", daemon=True)
        self._path = path
        self._report = report
        self._keep_seconds = keep_seconds
        self._keep_events = keep_events
        self._waiting: list[Event] = []
        self._condition = threading.Condition()
        self._stopping = False

    def store(self, event: Event) -> None:
        with self._condition:
            self._waiting.append(event)
            self._condition.notify()

    def stop(self) -> None:
        """Store what is waiting, then end the thread."""
        with self._condition:
            self._stopping = True
            self._condition.notify()
        self.join()

    def run(self) -> None:
        connection = connect(self._path)
        next_purge = time.monotonic()
        while True:
            with self._condition:
                self._condition.wait_for(
                    lambda: self._waiting or self._stopping, timeout=PURGE_EVERY
                )
                batch, self._waiting = self._waiting, []
                stopping = self._stopping
            if batch:
                self._report(batch, self._commit(connection, batch))
            if not stopping and time.monotonic() >= next_purge:
                next_purge = time.monotonic() + PURGE_EVERY
                self._purge(connection)
            if stopping and not batch:
                connection.close()
                return

    def _commit(self, connection: sqlite3.Connection, batch: list[Event]) -> list[Stored] | None:
        try:
            connection.execute("BEGIN IMMEDIATE")
            now = time.time()
            stored = [self._insert(connection, event, now) for event in batch]
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            logger.error("%d events not stored: %s", len(batch), error)
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            return None
        return stored

    def _insert(self, connection: sqlite3.Connection, event: Event, now: float) -> Stored:
        row = connection.execute(
            "INSERT INTO event (id, topics, private, wire, stored) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO NOTHING RETURNING position",
            (event.id, json.dumps(event.topics), event.private, event.wire, now),
        ).fetchone()
        if row is not None:
            return Stored(replace(event, position=row[0]), fresh=True)
        known = connection.execute(
            "SELECT position FROM event WHERE id = ?", (event.id,)
        ).fetchone()
        return Stored(replace(event, position=known[0]), fresh=False)

    def _purge(self, connection: sqlite3.Connection) -> None:
        """Delete in small steps, so that a publication never waits long behind it."""
        try:
            last = connection.execute("SELECT max(position) FROM event").fetchone()[0] or 0
            bound = last - self._keep_events
            before = time.time() - self._keep_seconds
            deleted = PURGE_BATCH
            while deleted == PURGE_BATCH:
                # The newest event stays whatever its age: it tells a subscriber where the log ends.
                deleted = connection.execute(
                    "DELETE FROM event WHERE position IN (SELECT position FROM event"
                    " WHERE position < ? AND (position <= ? OR stored < ?) ORDER BY position LIMIT ?)",
                    (last, bound, before, PURGE_BATCH),
                ).rowcount
                if self._waiting:
                    return
        except sqlite3.Error as error:
            logger.warning("old events not purged: %s", error)


class Reader:
    """Reads the log for replays. One connection, used by one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._connection = connect(path)
        self._connection.execute("PRAGMA query_only=ON")
        self._lock = threading.Lock()

    def position_of(self, event_id: str) -> int | None:
        with self._lock:
            row = self._connection.execute(
                "SELECT position FROM event WHERE id = ?", (event_id,)
            ).fetchone()
        return None if row is None else row[0]

    def after(self, position: int, limit: int) -> list[Event]:
        """At most `limit` events after `position`, in order."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT id, topics, private, wire, position FROM event"
                " WHERE position > ? ORDER BY position LIMIT ?",
                (position, limit),
            ).fetchall()
        return [_event(row) for row in rows]

    def latest(self, limit: int) -> list[Event]:
        """The last events, oldest first."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT id, topics, private, wire, position FROM event ORDER BY position DESC LIMIT ?",
                (limit,),
            ).fetchall()
        return [_event(row) for row in reversed(rows)]

    def close(self) -> None:
        self._connection.close()


def _event(row: tuple[str, str, int, bytes, int]) -> Event:
    event_id, topics, private, wire, position = row
    return Event(event_id, tuple(json.loads(topics)), bool(private), wire, position)
