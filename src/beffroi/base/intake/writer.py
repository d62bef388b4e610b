"""Group commit: one thread stores whatever has piled up, then tells each sender's side. No Django."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from beffroi.base.intake.inbox import Entry, Inbox, InboxError

log = logging.getLogger("beffroi.intake")
#: One commit holds at most this much, so that other writers get their turn.
_LARGEST_BATCH = 5_000
_LARGEST_BATCH_BYTES = 8 * 1024 * 1024
PAUSE_AFTER_REFUSAL = 1.0


class Receiver(Protocol):
    """Who handed entries in and acknowledges them. Called from the writer's thread."""

    def stored(self, receipts: list[Any]) -> None: ...


class InboxWriter(threading.Thread):
    """Stores entries in the order they were put; never drops one it has accepted."""

    def __init__(self, path: Path, after_commit: Callable[[], None]) -> None:
        super().__init__(name="inbox")
        self._path = path
        self._after_commit = after_commit
        self._changed = threading.Condition()
        self._waiting: deque[tuple[Receiver, object, Sequence[Entry], int]] = deque()
        self._slowed: set[str] = set()
        self._stopping = False
        self.backlog = 0
        """Bytes accepted and not yet stored: senders are paused beyond a limit."""
        self.refusal = ""
        """Why nothing can be stored at present; empty when all is well."""
        self.stored_count = 0
        self.commits = 0

    def put(self, receiver: Receiver, receipt: object, entries: Sequence[Entry]) -> None:
        """Accept entries; `receiver.stored([receipt, …])` is called once they are durable."""
        size = sum(len(entry.payload) + 200 for entry in entries)
        with self._changed:
            self._waiting.append((receiver, receipt, entries, size))
            self.backlog += size
            self._changed.notify()

    def note_slowed(self, device: str) -> None:
        """Report a device that sends too much, with the next commit."""
        with self._changed:
            self._slowed.add(device)

    def stop(self) -> None:
        """Store what was accepted, then end. With a disk that refuses, end without."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self.join()

    def run(self) -> None:
        inbox: Inbox | None = None
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._stopping)
                if not self._waiting:
                    break
                batch, slowed = self._take(), list(self._slowed)
            try:
                inbox = inbox or Inbox(self._path)
                inbox.append([entry for _, _, entries, _ in batch for entry in entries], slowed)
            except InboxError as error:
                if not self.refusal:
                    log.error("nothing is acknowledged, the inbox cannot store: %s", error)
                self.refusal = str(error)
                with self._changed:
                    self._waiting.extendleft(reversed(batch))
                    if self._stopping or self._changed.wait_for(
                        lambda: self._stopping, PAUSE_AFTER_REFUSAL
                    ):
                        break
                continue
            self._confirm(batch, slowed)
        if inbox is not None:
            inbox.close()

    def _take(self) -> list[tuple[Receiver, object, Sequence[Entry], int]]:
        batch = []
        count = size = 0
        while self._waiting and count < _LARGEST_BATCH and size < _LARGEST_BATCH_BYTES:
            batch.append(self._waiting.popleft())
            count += len(batch[-1][2])
            size += batch[-1][3]
        return batch

    def _confirm(
        self, batch: list[tuple[Receiver, object, Sequence[Entry], int]], slowed: list[str]
    ) -> None:
        if self.refusal:
            log.warning("the inbox stores again")
        by_receiver: dict[Receiver, list[object]] = {}
        for receiver, receipt, entries, _ in batch:
            by_receiver.setdefault(receiver, []).append(receipt)
            self.stored_count += len(entries)
        with self._changed:
            self.refusal = ""
            self.backlog -= sum(size for *_, size in batch)
            self._slowed.difference_update(slowed)
        self.commits += 1
        for receiver, receipts in by_receiver.items():
            receiver.stored(receipts)
        self._after_commit()
