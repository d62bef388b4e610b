"""Readings in SQLite files, one per UTC month: nothing to install, old months dropped as files."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..engine.buckets import month_of, month_start
from .interface import Correction, Readings, StoreUnavailable, TelemetryStore, Written

SCHEMA_VERSION = 1
OPEN_FILES = 16

# WITHOUT ROWID: the key is the table, 25 bytes a reading. The trigger fires on corrections only,
# so that keeping former values costs nothing to the readings that are right the first time.
SCHEMA = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS reading (
    number INTEGER NOT NULL, time INTEGER NOT NULL, value REAL NOT NULL, received INTEGER NOT NULL,
    PRIMARY KEY (number, time)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS correction (
    number INTEGER NOT NULL, time INTEGER NOT NULL, replaced INTEGER NOT NULL,
    former REAL NOT NULL, received INTEGER NOT NULL,
    PRIMARY KEY (number, time, replaced, former)
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS keep_former BEFORE UPDATE ON reading BEGIN
    INSERT OR IGNORE INTO correction (number, time, replaced, former, received)
    VALUES (old.number, old.time, new.received, old.value, old.received);
END;
PRAGMA user_version = 1;
COMMIT;
"""
UPSERT = """
INSERT INTO reading (number, time, value, received) VALUES (?, ?, ?, ?)
ON CONFLICT (number, time) DO UPDATE SET value = excluded.value, received = excluded.received
WHERE reading.value <> excluded.value
"""


class EmbeddedStore(TelemetryStore):
    """One file per UTC month in a folder; any number of processes may read and write it."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._local = threading.local()

    def upsert(self, rows: Readings, received_ms: int | NDArray[np.int64]) -> Written:
        if not np.isfinite(rows.values).all():
            raise ValueError("a reading is a finite number")
        received = np.broadcast_to(np.asarray(received_ms, np.int64), rows.times.shape)
        inserted = corrected = 0
        months = month_of(rows.times)
        for month in np.unique(months):
            chosen = months == month
            batch = zip(
                rows.numbers[chosen].tolist(),
                rows.times[chosen].tolist(),
                rows.values[chosen].tolist(),
                received[chosen].tolist(),
                strict=False,
            )
            with _disk(), self._writing(int(month)) as file:
                before = file.total_changes
                changed = file.executemany(UPSERT, batch).rowcount
                # total_changes counts the trigger's rows too, rowcount does not.
                kept = file.total_changes - before - changed
            inserted += changed - kept
            corrected += kept
        return Written(inserted, corrected)

    def read(self, number: int, start_ms: int, end_ms: int) -> Readings:
        rows: list[tuple[int, float]] = []
        for month in self._months_between(start_ms, end_ms):
            rows += self._select(
                month,
                "SELECT time, value FROM reading WHERE number = ? AND time >= ? AND time < ? ORDER BY time",
                (number, start_ms, end_ms),
            )
        # Milliseconds since 1970 are exact in a double, so one array can carry both columns.
        table = np.array(rows, dtype=np.float64).reshape(-1, 2)
        times = table[:, 0].astype(np.int64)
        return Readings(
            np.full(len(times), number, np.int64), times, np.ascontiguousarray(table[:, 1])
        )

    def latest(self, numbers: Sequence[int]) -> dict[int, tuple[int, float]]:
        found: dict[int, tuple[int, float]] = {}
        missing = list(dict.fromkeys(numbers))
        for month in reversed(self._months()):
            if not missing:
                break
            for number in missing:
                row = self._select(
                    month,
                    "SELECT time, value FROM reading WHERE number = ? ORDER BY time DESC LIMIT 1",
                    (number,),
                )
                if row:
                    found[number] = row[0]
            missing = [number for number in missing if number not in found]
        return found

    def span(self, number: int) -> tuple[int, int] | None:
        last = self.latest([number]).get(number)
        if last is None:
            return None
        for month in self._months():
            row = self._select(month, "SELECT min(time) FROM reading WHERE number = ?", (number,))
            if row[0][0] is not None:
                return row[0][0], last[0]
        return None

    def corrections(self, number: int, start_ms: int, end_ms: int) -> list[Correction]:
        query = """SELECT time, former, received, replaced FROM correction
            WHERE number = ? AND time >= ? AND time < ? ORDER BY time, replaced"""
        return [
            Correction(*row)
            for month in self._months_between(start_ms, end_ms)
            for row in self._select(month, query, (number, start_ms, end_ms))
        ]

    def forget_before(self, limit_ms: int) -> list[str]:
        dropped = []
        for month in self._months():
            if month_start(month + 1) <= limit_ms:
                path = self._path(month)
                for suffix in ("-wal", "-shm", ""):
                    Path(f"{path}{suffix}").unlink(missing_ok=True)
                dropped.append(path.stem)
        return dropped

    def close(self) -> None:
        """Close the files that this thread holds open."""
        for file, _ in self._files().values():
            file.close()
        self._files().clear()

    def _path(self, month: int) -> Path:
        return self.folder / f"{1970 + month // 12:04d}-{month % 12 + 1:02d}.sqlite3"

    def _months(self) -> list[int]:
        names = [path.stem.split("-") for path in self.folder.glob("????-??.sqlite3")]
        return sorted((int(year) - 1970) * 12 + int(month) - 1 for year, month in names)

    def _months_between(self, start_ms: int, end_ms: int) -> list[int]:
        return [
            month
            for month in self._months()
            if month_start(month) < end_ms and month_start(month + 1) > start_ms
        ]

    def _files(self) -> OrderedDict[int, tuple[sqlite3.Connection, int]]:
        # A connection must not cross a fork, nor go from one thread to another.
        if getattr(self._local, "process", None) != os.getpid():
            self._local.process = os.getpid()
            self._local.files = OrderedDict()
        files: OrderedDict[int, tuple[sqlite3.Connection, int]] = self._local.files
        return files

    def _open(self, month: int, create: bool = False) -> sqlite3.Connection:
        """The month's file; a file dropped by another process since is never written to again."""
        path, files = self._path(month), self._files()
        known = files.pop(month, None)
        try:
            node = path.stat().st_ino
        except FileNotFoundError:
            node = -1
        if known and known[1] != node:
            known[0].close()
            known = None
        if not known:
            if node == -1 and not create:
                raise FileNotFoundError(path)
            self.folder.mkdir(parents=True, exist_ok=True)
            file = sqlite3.connect(path, timeout=30, isolation_level=None)
            file.execute("PRAGMA journal_mode = WAL")
            file.execute("PRAGMA synchronous = FULL")
            if file.execute("PRAGMA user_version").fetchone()[0] < SCHEMA_VERSION:
                file.executescript(SCHEMA)
            known = file, path.stat().st_ino
        files[month] = known
        while len(files) > OPEN_FILES:
            files.popitem(last=False)[1][0].close()
        return known[0]

    def _select(self, month: int, query: str, values: tuple[int, ...]) -> list[tuple]:
        try:
            with _disk():
                return self._open(month).execute(query, values).fetchall()
        except FileNotFoundError:  # dropped between the listing and the reading
            return []

    @contextmanager
    def _writing(self, month: int) -> Iterator[sqlite3.Connection]:
        """One transaction under a file lock: SQLite's own waiting lets a busy writer starve the others."""
        file = self._open(month, create=True)
        with open(self.folder / "write.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            file.execute("BEGIN IMMEDIATE")
            try:
                yield file
                file.execute("COMMIT")
            except BaseException:
                if file.in_transaction:  # a full disk may have ended it already
                    file.execute("ROLLBACK")
                raise


@contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as refusing:
        raise StoreUnavailable(str(refusing)) from refusing
