"""Devices that keep what they said until it is acknowledged, and a town that speaks by MQTT."""

from __future__ import annotations

import asyncio
import json
import struct
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from beffroi.project.town.control import Control
from beffroi.project.town.instruments import devices
from beffroi.project.town.physics.disturbances import LEAK, Disturbance
from beffroi.project.town.publisher import Publisher, Refused
from beffroi.project.town.simulator import Simulator


class Listener:
    """A small broker that can refuse, cut without acknowledging, and note what it received."""

    def __init__(self, code: int = 0, cut_after: int = 0) -> None:
        self.code, self.cut_after = code, cut_after
        self.connections = 0
        self.users: list[str] = []
        self.received: list[tuple[str, bytes, bool]] = []

    async def serve(self, act: Callable[[int], Awaitable[None]]) -> None:
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        try:
            await asyncio.wait_for(act(server.sockets[0].getsockname()[1]), 30)
        finally:
            server.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        seen = 0
        try:
            while True:
                kind = (await reader.readexactly(1))[0]
                size = shift = 0
                while True:
                    byte = (await reader.readexactly(1))[0]
                    size |= (byte & 0x7F) << shift
                    shift += 7
                    if not byte & 0x80:
                        break
                body = await reader.readexactly(size)
                if kind & 0xF0 == 0x10:
                    self.users.append(_connect_user(body))
                    writer.write(bytes((0x20, 2, 0, self.code)))
                elif kind & 0xF0 == 0x30:
                    length = struct.unpack(">H", body[:2])[0]
                    topic, rest = body[2 : 2 + length].decode(), body[2 + length :]
                    self.received.append((topic, rest[2:], bool(kind & 8)))
                    seen += 1
                    if self.cut_after and self.connections == 1 and seen >= self.cut_after:
                        writer.close()
                        return
                    writer.write(bytes((0x40, 2)) + rest[:2])
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


def _connect_user(body: bytes) -> str:
    texts, position = [], 10
    while position < len(body):
        length = struct.unpack(">H", body[position : position + 2])[0]
        texts.append(body[position + 2 : position + 2 + length].decode())
        position += 2 + length
    return f"{texts[1]}:{texts[2]}"


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.01)


async def _with(publisher: Publisher, condition: Callable[[], bool]) -> None:
    running = asyncio.create_task(publisher.run())
    try:
        await until(condition)
    finally:
        running.cancel()


def test_a_reading_is_kept_until_it_is_acknowledged() -> None:
    listener = Listener()

    async def act(port: int) -> None:
        publisher = Publisher("127.0.0.1", port, "m1", "token")
        publisher.send(b'{"flow": 1}')
        assert publisher.waiting == 1
        await _with(publisher, lambda: publisher.waiting == 0)
        assert publisher.acknowledged == 1

    asyncio.run(listener.serve(act))
    assert listener.users == ["m1:token"]
    assert [(t, p) for t, p, _again in listener.received] == [("v1/m1/readings", b'{"flow": 1}')]


def test_what_a_cut_left_open_is_sent_again_and_marked_so() -> None:
    listener = Listener(cut_after=2)

    async def act(port: int) -> None:
        publisher = Publisher("127.0.0.1", port, "m1", "token")
        for number in range(5):
            publisher.send(b"%d" % number)
        await _with(publisher, lambda: publisher.waiting == 0)

    asyncio.run(listener.serve(act))
    assert listener.connections == 2
    assert {payload for _topic, payload, _again in listener.received} == {
        b"0",
        b"1",
        b"2",
        b"3",
        b"4",
    }
    assert all(again for _topic, _payload, again in listener.received)


def test_a_refused_device_says_so() -> None:
    async def act(port: int) -> None:
        with pytest.raises(Refused, match="m1"):
            await Publisher("127.0.0.1", port, "m1", "wrong").run()

    asyncio.run(Listener(code=5).serve(act))


def test_a_long_silence_drops_the_oldest_only() -> None:
    publisher = Publisher("127.0.0.1", 1, "m1", "token")
    for number in range(2_010):
        publisher.send(b"%d" % number)
    assert (publisher.waiting, publisher.dropped) == (2_000, 10)


def test_a_leak_is_told_by_the_street_and_a_repair_ends_it(tmp_path: Path) -> None:
    tokens = {device.key: f"token-{device.key}" for device in devices("tiny", 1)}
    (tmp_path / "town.json").write_text(json.dumps({"size": "tiny", "seed": 1, "devices": tokens}))
    listener, control = Listener(), Control(tmp_path)

    def flows() -> list[float]:
        return [
            json.loads(payload)["flow"]
            for topic, payload, _again in listener.received
            if topic == "v1/conduite-rue-des-tanneurs/readings"
        ]

    async def act(port: int) -> None:
        control.begin(Disturbance(LEAK, "rue-des-tanneurs", time.time() - 60, 9.0))
        running = asyncio.create_task(Simulator(tmp_path, "127.0.0.1", port).run())
        await until(lambda: any(flow > 8.5 for flow in flows()))
        assert control.end(LEAK, "rue-des-tanneurs", time.time() - 40)
        await until(lambda: flows()[-1] < 5.0)
        running.cancel()

    asyncio.run(listener.serve(act))
    assert "conduite-rue-des-tanneurs:token-conduite-rue-des-tanneurs" in listener.users
    assert not any("essai-moulin" in topic for topic, _payload, _again in listener.received)
    stamped = json.loads(listener.received[0][1])["time"]
    assert abs(stamped / 1000 - time.time()) < 120
