from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from beffroi.base.intake.inbox import Inbox, Message
from beffroi.base.intake.mqtt.listener import Limits, Listener
from beffroi.base.intake.writer import InboxWriter

TOKEN = "open-sesame"


@dataclass
class Running:
    """A real listener on a free port, with the inbox behind it."""

    port: int
    listener: Listener
    writer: InboxWriter
    inbox: Inbox
    call: Callable[[Callable[[], Any]], Any]

    def messages(self) -> list[Message]:
        return self.inbox.after(0, 1_000_000)


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    opened = Inbox(tmp_path / "inbox.sqlite3")
    yield opened
    opened.close()


@pytest.fixture
def start_listener(inbox: Inbox) -> Iterator[Callable[..., Running]]:
    """start_listener(limits=…, tls=…): devices d1, d2 and d3 are let in with TOKEN."""
    stops: list[Callable[[], None]] = []

    def start(limits: Limits | None = None, tls: Any = None) -> Running:
        for device in ("d1", "d2", "d3"):
            inbox.set_key(device, hashlib.sha256(TOKEN.encode()).hexdigest())
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        writer = InboxWriter(inbox.path, lambda: None)
        writer.start()
        keys = Inbox(inbox.path)
        listener = Listener(writer, keys.key_of, limits)

        def wait(coroutine: Any) -> Any:
            return asyncio.run_coroutine_threadsafe(coroutine, loop).result(30)

        def call(function: Callable[[], Any]) -> Any:
            async def within() -> Any:
                return function()

            return wait(within())

        def stop() -> None:
            wait(listener.stop_reading())
            writer.stop()
            wait(listener.close())
            loop.call_soon_threadsafe(loop.stop)
            thread.join(30)
            loop.close()
            keys.close()

        stops.append(stop)
        port = wait(listener.start("127.0.0.1", 0, tls))
        return Running(port, listener, writer, inbox, call)

    yield start
    for stop in reversed(stops):
        stop()


@pytest.fixture
def server(start_listener: Callable[..., Running]) -> Running:
    return start_listener()
