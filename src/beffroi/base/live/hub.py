"""The hub: who listens to what, and the order in which it reaches them.

Everything here runs in the event loop except the log's own thread. An event is sent only after
its commit. A subscriber first receives what it missed, read from memory or from the log, then
joins the live ones at the exact position where the replay ended: no gap, nothing twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path

from beffroi.base.live.log import Event, Reader, Stored, Writer, prepare
from beffroi.base.live.topics import EVERYTHING, Selectors, Template, compile_selector

RECENT_EVENTS = 5000
RECENT_BYTES = 8 * 1024 * 1024
REPLAY_PAGE = 500
HEARTBEAT = b":\n\n"
EARLIEST = "earliest"

logger = logging.getLogger("beffroi.live.hub")


class NotStored(Exception):
    """The event could not be made durable; the publisher must try again."""


@dataclass(eq=False, slots=True)
class Subscriber:
    """One open stream. `write` and `drop` belong to its connection."""

    topics: tuple[str, ...]
    allowed: Selectors | None
    """What it may receive of the private events; None: nothing private."""
    write: Callable[[bytes], None]
    drop: Callable[[], None]
    last_event_id: str | None = None
    live: bool = False
    sent_to: int = 0
    """Position up to which this stream has everything."""
    full: asyncio.Event | None = None
    """Set again once a replay may go on; None while its buffer has room."""
    slot: int = -1
    selectors: Selectors = field(init=False)

    def __post_init__(self) -> None:
        self.selectors = _shared_selectors(self.topics)

    def has_room_again(self) -> None:
        if self.full is not None:
            self.full.set()
            self.full = None

    def wants(self, event: Event) -> bool:
        return self.selectors.match_any(event.topics) and self.may_have(event)

    def may_have(self, event: Event) -> bool:
        if not event.private:
            return True
        return self.allowed is not None and self.allowed.match_any(event.topics)


@lru_cache(maxsize=4096)
def _shared_selectors(topics: tuple[str, ...]) -> Selectors:
    """Thousands of screens follow the same few topics: one object for all of them."""
    return Selectors(topics)


class Hub:
    def __init__(
        self,
        path: Path,
        loop: asyncio.AbstractEventLoop,
        keep_seconds: float = 7 * 86_400.0,
        keep_events: int = 100_000,
        heartbeat: float = 25.0,
    ) -> None:
        prepare(path)
        self._loop = loop
        self._reader = Reader(path)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="hub-replay")
        self._recent: deque[Event] = deque()
        self._recent_ids: dict[str, int] = {}
        self._recent_bytes = 0
        self.position = 0
        for event in self._reader.latest(RECENT_EVENTS):
            self._remember(event)
        self._exact: dict[str, set[Subscriber]] = {}
        self._templates: dict[str, tuple[Template, set[Subscriber]]] = {}
        self._everything: set[Subscriber] = set()
        self._slots: list[set[Subscriber]] = [set() for _ in range(max(1, round(heartbeat)))]
        self._slot = 0
        self._replays: set[asyncio.Task[None]] = set()
        self._answers: dict[str, list[asyncio.Future[str]]] = {}
        self._writer = Writer(path, self._report, keep_seconds, keep_events)
        self._writer.start()
        self.subscribers = 0
        self.published = 0
        self.deliveries = 0
        self.replayed = 0
        self.dropped = 0
        self.storing = True

    # Publishing ---------------------------------------------------------------------------

    def publish(self, event: Event) -> asyncio.Future[str]:
        """A future that holds the event's id once it is durable, or raises NotStored."""
        answer: asyncio.Future[str] = self._loop.create_future()
        self._answers.setdefault(event.id, []).append(answer)
        self._writer.store(event)
        return answer

    def _report(self, batch: list[Event], stored: list[Stored] | None) -> None:
        if stored is None:
            self._loop.call_soon_threadsafe(self._failed, batch)
        else:
            self._loop.call_soon_threadsafe(self._committed, stored)

    def _committed(self, stored: list[Stored]) -> None:
        self.storing = True
        for outcome in stored:
            if outcome.fresh:
                self._remember(outcome.event)
                self._dispatch(outcome.event)
                self.published += 1
        for outcome in stored:
            for answer in self._answers.pop(outcome.event.id, ()):
                if not answer.done():
                    answer.set_result(outcome.event.id)

    def _failed(self, batch: list[Event]) -> None:
        self.storing = False
        for event in batch:
            for answer in self._answers.pop(event.id, ()):
                if not answer.done():
                    answer.set_exception(NotStored())

    def _remember(self, event: Event) -> None:
        self.position = event.position
        self._recent.append(event)
        self._recent_ids[event.id] = event.position
        self._recent_bytes += len(event.wire)
        while len(self._recent) > RECENT_EVENTS or self._recent_bytes > RECENT_BYTES:
            oldest = self._recent.popleft()
            self._recent_bytes -= len(oldest.wire)
            del self._recent_ids[oldest.id]

    def _dispatch(self, event: Event) -> None:
        wire = event.wire
        position = event.position
        for subscriber in self._audience(event):
            if position > subscriber.sent_to and subscriber.live:
                subscriber.sent_to = position
                subscriber.write(wire)
                self.deliveries += 1

    def _audience(self, event: Event) -> Iterable[Subscriber]:
        groups: list[set[Subscriber]] = [self._everything] if self._everything else []
        for topic in event.topics:
            exact = self._exact.get(topic)
            if exact:
                groups.append(exact)
            groups.extend(
                members for template, members in self._templates.values() if template.matches(topic)
            )
        if not groups:
            return ()
        # A copy, because a write may drop its subscriber.
        audience = tuple(groups[0]) if len(groups) == 1 else tuple(set().union(*groups))
        if event.private:
            return tuple(subscriber for subscriber in audience if subscriber.may_have(event))
        return audience

    # Subscribing --------------------------------------------------------------------------

    async def locate(self, last_event_id: str) -> tuple[int, str]:
        """Where to resume after an id: a position, and the id that really precedes it.

        An id that is no longer (or never was) in the log gives everything that is kept:
        receiving too much is a nuisance, missing a notice is a fault.
        """
        known = self._recent_ids.get(last_event_id)
        if known is None and last_event_id != EARLIEST:
            known = await self._loop.run_in_executor(
                self._pool, self._reader.position_of, last_event_id
            )
        return (0, EARLIEST) if known is None else (known, last_event_id)

    def join(self, subscriber: Subscriber, after: int | None) -> None:
        """Add a subscriber: at once when it missed nothing, else after its replay."""
        self.subscribers += 1
        subscriber.slot = self.subscribers % len(self._slots)
        self._slots[subscriber.slot].add(subscriber)
        for topic in subscriber.topics:
            if topic == EVERYTHING:
                self._everything.add(subscriber)
                continue
            self._exact.setdefault(topic, set()).add(subscriber)
            template = compile_selector(topic)
            if template is not None:
                self._templates.setdefault(topic, (template, set()))[1].add(subscriber)
        subscriber.sent_to = self.position if after is None else after
        if not self._catch_up(subscriber):
            task = self._loop.create_task(self._replay(subscriber))
            self._replays.add(task)
            task.add_done_callback(self._replays.discard)

    def leave(self, subscriber: Subscriber) -> None:
        if subscriber.slot < 0:
            return
        self.subscribers -= 1
        self._slots[subscriber.slot].discard(subscriber)
        subscriber.slot = -1
        subscriber.live = False
        subscriber.has_room_again()
        self._everything.discard(subscriber)
        for topic in subscriber.topics:
            members = self._exact.get(topic)
            if members is not None:
                members.discard(subscriber)
                if not members:
                    del self._exact[topic]
            entry = self._templates.get(topic)
            if entry is not None:
                entry[1].discard(subscriber)
                if not entry[1]:
                    del self._templates[topic]

    def blocked(self, subscriber: Subscriber) -> None:
        """The subscriber's buffer is full: a live one is dropped and comes back by replay."""
        if subscriber.live:
            self.dropped += 1
            self.leave(subscriber)
            subscriber.drop()
        else:
            subscriber.full = subscriber.full or asyncio.Event()

    def _catch_up(self, subscriber: Subscriber) -> bool:
        """Send what memory holds, one page at most; True once the subscriber is live."""
        if subscriber.sent_to < self.position:
            if not self._memory_reaches(subscriber.sent_to):
                return False
            missed = (event for event in self._recent if event.position > subscriber.sent_to)
            self._send_missed(subscriber, list(islice(missed, REPLAY_PAGE)))
        if subscriber.sent_to < self.position or subscriber.full is not None:
            return False
        subscriber.live = True
        return True

    def _send_missed(self, subscriber: Subscriber, events: list[Event]) -> None:
        wanted = [event.wire for event in events if subscriber.wants(event)]
        subscriber.sent_to = events[-1].position
        if wanted:
            self.replayed += len(wanted)
            subscriber.write(b"".join(wanted))

    async def _replay(self, subscriber: Subscriber) -> None:
        try:
            while True:
                if subscriber.full is not None:
                    await subscriber.full.wait()
                if subscriber.slot < 0 or self._catch_up(subscriber):
                    return
                if self._memory_reaches(subscriber.sent_to):
                    continue
                page = await self._loop.run_in_executor(
                    self._pool, self._reader.after, subscriber.sent_to, REPLAY_PAGE
                )
                if subscriber.slot < 0:
                    return
                if page:
                    self._send_missed(subscriber, page)
                else:
                    # Purged while we read: what is left lies in memory.
                    subscriber.sent_to = max(subscriber.sent_to, self._memory_starts_after())
        except Exception:
            logger.exception("a replay failed; its subscriber is dropped and will come back")
            self.leave(subscriber)
            subscriber.drop()

    def _memory_reaches(self, position: int) -> bool:
        return position >= self._memory_starts_after()

    def _memory_starts_after(self) -> int:
        return self._recent[0].position - 1 if self._recent else self.position

    # Time ---------------------------------------------------------------------------------

    def beat(self) -> None:
        """Called every second: one share of the subscribers receives a heartbeat each time."""
        self._slot = (self._slot + 1) % len(self._slots)
        for subscriber in tuple(self._slots[self._slot]):
            if subscriber.live:
                subscriber.write(HEARTBEAT)

    def close(self) -> None:
        self._writer.stop()
        for task in self._replays:
            task.cancel()
        self._pool.shutdown(cancel_futures=True)
        self._reader.close()
