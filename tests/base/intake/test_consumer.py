"""From the inbox to a handler: in order, again after errors, past poison, never lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, transaction
from django.utils import timezone

from beffroi.base.intake import handlers, public
from beffroi.base.intake.consumer import Consumer
from beffroi.base.intake.inbox import Entry, Message, now_ms
from beffroi.base.intake.models import Position
from beffroi.base.intake.public import advance, put, put_many, register_handler

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_files(installation: Any) -> None:
    """The inbox of these tests lies in a folder of its own."""


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)


@contextmanager
def consuming(**handlers: Any) -> Iterator[Consumer]:
    consumer = Consumer(public.inbox_path(), handlers, first_wait=0.001)
    thread = threading.Thread(target=consumer.run)
    thread.start()
    try:
        yield consumer
    finally:
        consumer.stop()
        thread.join(30)
        assert not thread.is_alive()


class Collector:
    """A handler that keeps what it was given."""

    def __init__(self, portion: int = 1_000_000) -> None:
        self.seen: list[Message] = []
        self.portion = portion

    def __call__(self, batch: Sequence[Message]) -> int:
        taken = list(batch)[: self.portion]
        self.seen += taken
        return taken[-1].number

    @property
    def payloads(self) -> list[bytes]:
        return [message.payload for message in self.seen]


def test_messages_arrive_in_order_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    put_many([("http", "d", "t", str(n).encode()) for n in range(1_200)])
    collector = Collector()
    with consuming(test=collector) as consumer:
        wait_for(lambda: len(collector.seen) == 1_200)
        put("http", "d", "t", b"later")
        consumer.wake()
        wait_for(lambda: len(collector.seen) == 1_201)
    assert collector.payloads == [str(n).encode() for n in range(1_200)] + [b"later"]
    assert handlers.position("test") == 1_201
    again = Collector()
    with consuming(test=again, fresh=(fresh := Collector())):
        wait_for(lambda: len(fresh.seen) == 1_201)
    assert again.seen == []


def test_a_handler_may_take_a_part() -> None:
    put_many([("http", "d", "t", str(n).encode()) for n in range(10)])
    collector = Collector(portion=3)
    with consuming(test=collector):
        wait_for(lambda: handlers.position("test") == 10)
    assert collector.payloads == [str(n).encode() for n in range(10)]


def test_its_position_goes_with_its_transaction() -> None:
    put("http", "d", "t", b"x")
    tries: list[int] = []

    def undone_once(batch: Sequence[Message]) -> int:
        tries.append(handlers.position("test"))
        with transaction.atomic():
            advance("test", batch[-1].number)
            if len(tries) == 1:
                raise OperationalError("database is locked")
        return batch[-1].number

    with consuming(test=undone_once):
        wait_for(lambda: handlers.position("test") == 1)
    assert tries == [0, 0]


def test_a_position_never_goes_back() -> None:
    advance("test", 5)
    advance("test", 3)
    assert handlers.position("test") == 5
    assert Position.objects.get().moved_at > timezone.now() - timedelta(minutes=1)


def test_a_poison_message_is_put_aside_and_blocks_nobody() -> None:
    put_many([("http", "d", "t", str(n).encode()) for n in range(100)])
    seen: list[bytes] = []

    def picky(batch: Sequence[Message]) -> int:
        if any(message.payload in {b"13", b"77"} for message in batch):
            raise ValueError("unlucky number")
        seen.extend(message.payload for message in batch)
        return batch[-1].number

    with consuming(test=picky):
        wait_for(lambda: handlers.position("test") == 100)
    assert seen == [str(n).encode() for n in range(100) if n not in {13, 77}]
    aside = public.rejected()
    assert [kept.message.payload for kept in aside] == [b"77", b"13"]
    assert aside[0].reason == "ValueError: unlucky number"
    assert aside[0].handler == "test"
    assert public.retry_rejected(aside[0].message.number) == 101
    collector = Collector()
    with consuming(test=collector):
        wait_for(lambda: collector.payloads == [b"77"])
    assert len(public.rejected()) == 1


def test_a_database_that_refuses_is_waited_for_and_nothing_is_put_aside() -> None:
    put_many([("http", "d", "t", b"x")] * 3)
    tries: list[int] = []

    def refused(batch: Sequence[Message]) -> int:
        tries.append(len(batch))
        if len(tries) < 8:
            raise OperationalError("database is locked")
        return batch[-1].number

    with consuming(test=refused):
        wait_for(lambda: handlers.position("test") == 3)
    assert tries == [3] * 8
    assert public.rejected() == []


def test_a_handler_that_makes_no_progress_is_an_error_of_its_own() -> None:
    put("http", "d", "t", b"x")
    with consuming(test=lambda batch: 0):
        wait_for(lambda: len(public.rejected()) == 1)
    assert "returned 0" in public.rejected()[0].reason


def test_an_inbox_restored_from_an_older_copy_loses_nothing_new() -> None:
    put("http", "d", "t", b"old")
    advance("test", 500)
    collector = Collector()
    with consuming(test=collector) as consumer:
        wait_for(lambda: handlers.position("test") == 1)
        put("http", "d", "t", b"new")
        consumer.wake()
        wait_for(lambda: collector.payloads == [b"new"])


def test_what_was_dealt_with_is_removed_after_a_week() -> None:
    week = 7 * 24 * 3600 * 1000
    old = Entry("http", "d", "t", b"old", now_ms() - week - 1000)
    public._inbox().append([old, Entry("http", "d", "t", b"recent", now_ms()), old])
    advance("quick", 3)
    advance("slow", 2)
    consumer = Consumer(public.inbox_path(), {"quick": Collector(), "slow": Collector()})
    assert consumer.purge() == 1
    assert [m.payload for m in public._inbox().after(0, 9)] == [b"recent", b"old"]


def test_a_key_is_a_hash() -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        public.set_device_key("d1", "a token by mistake")
    public.set_device_key("d1", "0" * 64)
    assert public._inbox().key_of("d1") == "0" * 64
    public.revoke("d1")
    assert public._inbox().key_of("d1") is None


def test_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "HANDLERS", {})
    monkeypatch.setattr(public, "HANDLERS", handlers.HANDLERS)
    register_handler(Collector(), name="test")
    put_many([("http", "d", "t", b"x")] * 4)
    advance("test", 1)
    assert public.state() == public.IntakeState(received=4, waiting={"test": 3}, rejected=0)
    assert public.slowed_devices() == []


def test_a_handler_is_named_after_its_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "HANDLERS", {})

    def handle(batch: Sequence[Message]) -> int:
        return batch[-1].number

    handle.__module__ = "beffroi.sustainable.territory.objects.ingestion"
    register_handler(handle)
    assert list(handlers.HANDLERS) == ["objects"]
