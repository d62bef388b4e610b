"""From the inbox to the handlers: in order, again after an error, and past what is poison."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from pathlib import Path

from django.db import Error as DatabaseFailure
from django.db import IntegrityError, close_old_connections, connection
from django.db.utils import DataError

from beffroi.base.intake.handlers import HANDLERS, Handler, advance, position
from beffroi.base.intake.inbox import Inbox, InboxError, Message, now_ms

log = logging.getLogger("beffroi.intake")

BATCH = 500
KEPT_MS = 7 * 24 * 3600 * 1000
#: Look at least this often, should a wake-up be lost.
_LONGEST_SLEEP = 30.0
_PURGE_EVERY_MS = 3600 * 1000
#: An error of the message itself is believed after so many tries.
_TRIES = 3
_FIRST_WAIT, _LONGEST_WAIT = 0.2, 30.0


class Stopped(Exception):
    """The process ends: leave things as they are."""


class Consumer:
    """Hands messages to every registered handler, in the thread that calls `run`."""

    def __init__(
        self,
        path: Path,
        handlers: dict[str, Handler] | None = None,
        first_wait: float = _FIRST_WAIT,
    ) -> None:
        self._inbox = Inbox(path)
        self._handlers = HANDLERS if handlers is None else handlers
        self._first_wait = first_wait
        self._wait = first_wait
        self._changed = threading.Event()
        self._stopping = threading.Event()
        self._purged_ms = 0

    def wake(self) -> None:
        self._changed.set()

    def stop(self) -> None:
        """Return from `run` after the batch at hand."""
        self._stopping.set()
        self._changed.set()

    def run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._changed.clear()
                if not self._run_once():
                    self._changed.wait(_LONGEST_SLEEP)
        except Stopped:
            pass
        finally:
            connection.close()
            self._inbox.close()

    def _run_once(self) -> bool:
        """One batch for each handler; False when none had anything to do."""
        busy = False
        try:
            for name, handler in list(self._handlers.items()):
                start = self._start_of(name)
                batch = self._inbox.after(start, BATCH)
                if batch:
                    busy = True
                    self._hand_over(name, handler, batch)
            if now_ms() - self._purged_ms > _PURGE_EVERY_MS:
                self.purge()
            self._wait = self._first_wait
        except (DatabaseFailure, InboxError, OSError, MemoryError) as error:
            self._pause(error)
            return True
        finally:
            close_old_connections()
        return busy

    def purge(self, kept_ms: int = KEPT_MS) -> int:
        """Remove what every handler has dealt with and is older than `kept_ms`."""
        self._purged_ms = now_ms()
        if not self._handlers:
            return 0
        done = min(position(name) for name in self._handlers)
        return self._inbox.purge(done, now_ms() - kept_ms)

    def _start_of(self, name: str) -> int:
        start, last = position(name), self._inbox.last_number()
        if start > last:
            # The inbox was restored from an older copy than the main database: what it holds
            # was dealt with, and what comes now gets numbers that were used before.
            log.warning("%s stood at %d, the inbox ends at %d: moved back", name, start, last)
            from beffroi.base.intake.models import Position

            Position.objects.filter(handler=name).update(number=last)
            return last
        return start

    def _hand_over(
        self, name: str, handler: Handler, batch: Sequence[Message], tries: int = _TRIES
    ) -> None:
        """Have a batch dealt with; a message that always fails is put aside.

        Failures of the database or the disk pass through: nothing is wrong with the messages.
        """
        while batch:
            error = self._try(name, handler, batch, tries)
            if error is None:
                batch = [message for message in batch if message.number > position(name)]
            elif len(batch) > 1:
                middle = len(batch) // 2
                self._hand_over(name, handler, batch[:middle], tries=1)
                batch, tries = batch[middle:], 1
            else:
                log.error("%s cannot deal with message %d: %r", name, batch[0].number, error)
                reason = f"{type(error).__name__}: {error}"[:2_000]
                self._inbox.reject(batch[0], name, reason)
                advance(name, batch[0].number)
                return

    def _try(
        self, name: str, handler: Handler, batch: Sequence[Message], tries: int
    ) -> Exception | None:
        """Call the handler, several times after an error of its own; None: it went well."""
        error: Exception | None = None
        for left in reversed(range(tries)):
            try:
                last = handler(batch)
                if last < batch[0].number:
                    raise ValueError(f"{name} returned {last}, before {batch[0].number}")
                advance(name, min(last, batch[-1].number))
                return None
            except (DataError, IntegrityError) as refused:
                error = refused  # the database speaks of the data, not of itself
            except (DatabaseFailure, InboxError, OSError, MemoryError):
                raise
            except Exception as failure:  # noqa: BLE001 - any error of a room is dealt with here
                error = failure
            if left:
                self._pause(error)
        return error

    def _pause(self, error: Exception) -> None:
        log.warning("the inbox waits %.1f s: %r", self._wait, error)
        if self._stopping.wait(self._wait):
            raise Stopped
        self._wait = min(self._wait * 2, _LONGEST_WAIT)
