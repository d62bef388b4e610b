"""Whose turn it is to write into one SQLite file.

SQLite lets whoever asks first after a commit write again, so that one busy process can keep
all others waiting until they give up. Two advisory locks beside the file give every writer
its turn: a writer first takes the *queue* lock, then waits for the *write* lock, and only then
leaves the queue. Whoever has just committed must pass the queue again, behind the one that
stands there. The kernel frees both locks when their holder dies, however it dies.
"""

from __future__ import annotations

import fcntl
import os
import random
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_SHORTEST_PAUSE = 0.0002
_LONGEST_PAUSE = 0.002


class TurnTimeoutError(Exception):
    """Another process kept the file for too long."""


class WriteTurn:
    """A writer's place before one SQLite file. One object per connection, used by one thread.

    The locks belong to this object (open file descriptions), so that two threads of one
    process exclude each other as two processes do.
    """

    def __init__(self, database: str | Path) -> None:
        self.database = str(database)
        self._queue = -1
        self._write = -1
        self._held = False
        _alive.add(self)

    @property
    def held(self) -> bool:
        return self._held

    def take(self, timeout: float) -> None:
        """Wait for the turn at most `timeout` seconds; raises TurnTimeoutError. Not re-entrant."""
        if self._write < 0:
            self._open()
        deadline = time.monotonic() + timeout
        self._wait_for(self._queue, deadline)
        try:
            self._wait_for(self._write, deadline)
        finally:
            fcntl.flock(self._queue, fcntl.LOCK_UN)
        self._held = True
        with suppress(OSError):  # only for messages; a full disk must not stop here
            os.pwrite(self._write, b"%-20d\n" % os.getpid(), 0)

    def release(self) -> None:
        """Give the turn back; without effect when it is not held."""
        if self._held:
            self._held = False
            fcntl.flock(self._write, fcntl.LOCK_UN)

    def close(self) -> None:
        self._held = False
        for descriptor in (self._queue, self._write):
            if descriptor >= 0:
                os.close(descriptor)
        self._queue = self._write = -1

    @contextmanager
    def taken(self, timeout: float) -> Iterator[None]:
        self.take(timeout)
        try:
            yield
        finally:
            self.release()

    def last_holder(self) -> str:
        """Process number that holds the turn, or held it last; for messages only."""
        try:
            return Path(f"{self.database}.lock").read_text().strip() or "unknown"
        except OSError:
            return "unknown"

    def _open(self) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        self._queue = os.open(f"{self.database}.queue", flags, 0o600)
        self._write = os.open(f"{self.database}.lock", flags, 0o600)

    def _wait_for(self, descriptor: int, deadline: float) -> None:
        pause = _SHORTEST_PAUSE
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                pass
            if time.monotonic() >= deadline:
                raise TurnTimeoutError(
                    f"{self.database}: another writer (process {self.last_holder()}) "
                    "did not give its turn back in time"
                )
            # Jitter, so that those who wait do not knock in step.
            time.sleep(pause * (0.5 + random.random()))  # noqa: S311 - spreads, does not protect
            pause = min(pause * 1.5, _LONGEST_PAUSE)


_alive: weakref.WeakSet[WriteTurn] = weakref.WeakSet()


def _forget_turns() -> None:
    """In a forked child: drop the inherited descriptors, or the child would hold the turn."""
    for turn in list(_alive):
        turn.close()


os.register_at_fork(after_in_child=_forget_turns)
