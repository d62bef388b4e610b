"""The inbox: a SQLite file that holds what devices sent until a handler has dealt with it.

A message is acknowledged to its sender only after its commit here. Several processes write
(the listener, web), each in its turn. No Django.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from beffroi.base.sqlite.turn import TurnTimeoutError, WriteTurn

_SCHEMA = """
CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    received_ms INTEGER NOT NULL,
    source TEXT NOT NULL,
    device TEXT NOT NULL,
    topic TEXT NOT NULL,
    payload BLOB NOT NULL
);
CREATE TABLE device_key (
    device TEXT PRIMARY KEY,
    token_sha256 TEXT NOT NULL,
    active INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE rejected (
    id INTEGER PRIMARY KEY,
    received_ms INTEGER NOT NULL,
    source TEXT NOT NULL,
    device TEXT NOT NULL,
    topic TEXT NOT NULL,
    payload BLOB NOT NULL,
    handler TEXT NOT NULL,
    reason TEXT NOT NULL,
    rejected_ms INTEGER NOT NULL
);
CREATE TABLE slowed (
    device TEXT PRIMARY KEY,
    first_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    times INTEGER NOT NULL
) WITHOUT ROWID;
"""
_VERSION = 1
_PURGE_STEP = 5_000


class InboxError(Exception):
    """Nothing of this call was stored."""


class InboxFull(InboxError):
    """The disk is full or refuses to write."""


class InboxBusy(InboxError):
    """Another writer kept the file for too long."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a sender hands in. `source`: mqtt, http or broker. `received_ms`: UTC, by our clock."""

    source: str
    device: str
    topic: str
    payload: bytes
    received_ms: int


@dataclass(frozen=True, slots=True)
class Message:
    """An entry in the inbox; `number` grows and is never used twice."""

    number: int
    received_ms: int
    source: str
    device: str
    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message that a handler could not deal with, kept with what it said."""

    message: Message
    handler: str
    reason: str
    rejected_ms: int


@dataclass(frozen=True, slots=True)
class Slowed:
    """A device that sent more than it may, and how often it had to wait."""

    device: str
    first_ms: int
    last_ms: int
    times: int


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Inbox:
    """One connection to the file, for one thread."""

    def __init__(self, path: Path, patience: float = 20.0) -> None:
        self.path = path
        self._patience = patience
        self._turn = WriteTurn(path)
        with _named_errors():
            self._connection = sqlite3.connect(
                path, timeout=patience, isolation_level=None, check_same_thread=False
            )
            self._prepare()

    def close(self) -> None:
        self._connection.close()
        self._turn.close()

    def append(self, entries: Sequence[Entry], slowed: Sequence[str] = ()) -> int:
        """Store all entries durably, or none; returns the last number. Raises InboxError."""
        with self._writing() as connection:
            connection.executemany(
                "INSERT INTO message (received_ms, source, device, topic, payload) VALUES (?,?,?,?,?)",
                [(e.received_ms, e.source, e.device, e.topic, e.payload) for e in entries],
            )
            moment = now_ms()
            connection.executemany(
                "INSERT INTO slowed VALUES (?1, ?2, ?2, 1) ON CONFLICT (device) "
                "DO UPDATE SET last_ms = ?2, times = times + 1",
                [(device, moment) for device in slowed],
            )
            return self.last_number()

    def after(self, number: int, limit: int) -> list[Message]:
        """Messages beyond `number`, in order."""
        rows = self._connection.execute(
            "SELECT id, received_ms, source, device, topic, payload FROM message "
            "WHERE id > ? ORDER BY id LIMIT ?",
            (number, limit),
        )
        return [Message(*row) for row in rows]

    def last_number(self) -> int:
        """The highest number ever given, whether or not its message is still here."""
        row = self._connection.execute(
            "SELECT seq FROM sqlite_sequence WHERE name = 'message'"
        ).fetchone()
        return int(row[0]) if row else 0

    def count_after(self, number: int) -> int:
        row = self._connection.execute("SELECT count(*) FROM message WHERE id > ?", (number,))
        return int(row.fetchone()[0])

    def purge(self, up_to: int, before_ms: int) -> int:
        """Remove messages that were dealt with and are old; returns how many.

        A few at a time, so that senders never wait long.
        """
        removed = 0
        while True:
            with self._writing() as connection:
                step = connection.execute(
                    "DELETE FROM message WHERE id IN (SELECT id FROM message "
                    "WHERE id <= ? AND received_ms < ? ORDER BY id LIMIT ?)",
                    (up_to, before_ms, _PURGE_STEP),
                ).rowcount
            removed += step
            if step < _PURGE_STEP:
                return removed

    def reject(self, message: Message, handler: str, reason: str) -> None:
        """Put a message aside with the reason; twice is once."""
        with self._writing() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO rejected VALUES (?,?,?,?,?,?,?,?,?)",
                (
                    message.number, message.received_ms, message.source, message.device,
                    message.topic, message.payload, handler, reason, now_ms(),
                ),
            )  # fmt: skip

    def rejected(self, limit: int) -> list[Rejected]:
        """Messages put aside, the latest first."""
        rows = self._connection.execute(
            "SELECT id, received_ms, source, device, topic, payload, handler, reason, rejected_ms "
            "FROM rejected ORDER BY id DESC LIMIT ?",
            (limit,),
        )
        return [Rejected(Message(*row[:6]), *row[6:]) for row in rows]

    def retry_rejected(self, number: int) -> int:
        """Hand a rejected message in again, at the end; returns its new number.

        Raises KeyError when none has this number.
        """
        with self._writing() as connection:
            copied = connection.execute(
                "INSERT INTO message (received_ms, source, device, topic, payload) "
                "SELECT received_ms, source, device, topic, payload FROM rejected WHERE id = ?",
                (number,),
            )
            if not copied.rowcount:
                raise KeyError(number)
            connection.execute("DELETE FROM rejected WHERE id = ?", (number,))
            return self.last_number()

    def slowed(self) -> list[Slowed]:
        """Devices that sent too much, the latest first."""
        rows = self._connection.execute("SELECT * FROM slowed ORDER BY last_ms DESC")
        return [Slowed(*row) for row in rows]

    def set_key(self, device: str, token_sha256: str) -> None:
        """Let a device in by its token's SHA-256 (hex); an empty one shuts it out."""
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO device_key VALUES (?1, ?2, ?3) ON CONFLICT (device) "
                "DO UPDATE SET token_sha256 = ?2, active = ?3",
                (device, token_sha256, int(bool(token_sha256))),
            )

    def key_of(self, device: str) -> str | None:
        """SHA-256 of the token that lets this device in, or None."""
        row = self._connection.execute(
            "SELECT token_sha256 FROM device_key WHERE device = ? AND active", (device,)
        ).fetchone()
        return str(row[0]) if row else None

    def _prepare(self) -> None:
        execute = self._connection.execute
        if execute("PRAGMA journal_mode").fetchone() != ("wal",):
            with self._turn.taken(self._patience):
                execute("PRAGMA journal_mode = WAL").fetchone()
        execute("PRAGMA synchronous = FULL")
        if execute("PRAGMA user_version").fetchone()[0] < _VERSION:
            with self._writing() as connection:
                if connection.execute("PRAGMA user_version").fetchone()[0] < _VERSION:
                    for statement in _SCHEMA.split(";\n"):
                        connection.execute(statement)
                    connection.execute(f"PRAGMA user_version = {_VERSION}")

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One durable transaction in its turn."""
        connection = self._connection
        with _named_errors(), self._turn.taken(self._patience):
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except TurnTimeoutError as error:
        raise InboxBusy(str(error)) from error
    except sqlite3.DatabaseError as error:
        name = getattr(error, "sqlite_errorname", "")
        if name in {"SQLITE_BUSY", "SQLITE_LOCKED"}:
            raise InboxBusy(str(error)) from error
        raise InboxFull(str(error)) from error
    except OSError as error:
        raise InboxFull(str(error)) from error
