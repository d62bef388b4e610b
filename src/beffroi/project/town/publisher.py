"""A device that sends its readings by MQTT 3.1.1, QoS 1, and keeps them until they are acknowledged."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections import OrderedDict

CONNECT, CONNACK, PUBLISH, PUBACK, PINGREQ, DISCONNECT = 0x10, 0x20, 0x32, 0x40, 0xC0, 0xE0
DUPLICATE = 0x08
KEEP_ALIVE = 60
LONGEST_QUEUE = 2000
FIRST_WAIT, LONGEST_WAIT = 0.5, 20.0


class Refused(Exception):
    """The listener answered CONNECT with a refusal: the token is wrong or was revoked."""


class Publisher:
    """One device. `send` never waits; `run` connects, sends, and connects again when it is cut."""

    def __init__(self, host: str, port: int, device: str, token: str) -> None:
        self._address = (host, port)
        self._device, self._token = device, token
        self._pending: OrderedDict[int, bytes] = OrderedDict()
        self._next = 1
        self._writer: asyncio.StreamWriter | None = None
        self.acknowledged = 0
        self.dropped = 0

    @property
    def waiting(self) -> int:
        """Readings sent or to be sent, and not acknowledged yet."""
        return len(self._pending)

    def send(self, payload: bytes) -> None:
        """Keep the payload until it is acknowledged; beyond a long silence the oldest is dropped."""
        number = self._next
        self._next = number % 0xFFFF + 1
        if len(self._pending) >= LONGEST_QUEUE:
            self._pending.popitem(last=False)
            self.dropped += 1
        self._pending[number] = payload
        if self._writer is not None:
            self._writer.write(self._publish(number, payload))

    async def run(self) -> None:
        """For ever. Raises Refused when the listener does not want this device."""
        wait = FIRST_WAIT
        while True:
            try:
                reader, writer = await asyncio.open_connection(*self._address)
            except OSError:
                await asyncio.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT)
                continue
            try:
                await self._talk(reader, writer)
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT)
            else:
                wait = FIRST_WAIT
            finally:
                self._writer = None
                writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self._connect())
        kind, body = await asyncio.wait_for(_packet(reader), KEEP_ALIVE)
        if kind != CONNACK or len(body) != 2:
            raise ConnectionError("the listener did not answer CONNECT")
        if body[1] in (4, 5):
            raise Refused(self._device)
        if body[1]:
            raise ConnectionError(f"connection refused with code {body[1]}")
        for number, payload in self._pending.items():
            writer.write(self._publish(number, payload, again=True))
        self._writer = writer
        pinging = asyncio.create_task(_ping(writer))
        try:
            while True:
                kind, body = await _packet(reader)
                if kind == PUBACK:
                    number = struct.unpack(">H", body[:2])[0]
                    if self._pending.pop(number, None) is not None:
                        self.acknowledged += 1
        finally:
            pinging.cancel()
            with contextlib.suppress(OSError):
                writer.write(bytes((DISCONNECT, 0)))

    def _connect(self) -> bytes:
        user_password_clean = 0xC2
        head = _text("MQTT") + bytes((4, user_password_clean)) + struct.pack(">H", KEEP_ALIVE)
        names = _text(self._device) + _text(self._device) + _text(self._token)
        return _framed(CONNECT, head + names)

    def _publish(self, number: int, payload: bytes, *, again: bool = False) -> bytes:
        topic = _text(f"v1/{self._device}/readings")
        kind = PUBLISH | DUPLICATE if again else PUBLISH
        return _framed(kind, topic + struct.pack(">H", number) + payload)


async def _ping(writer: asyncio.StreamWriter) -> None:
    while True:
        await asyncio.sleep(KEEP_ALIVE / 2)
        writer.write(bytes((PINGREQ, 0)))


async def _packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Type (without flags) and body of the next packet."""
    kind = (await reader.readexactly(1))[0] & 0xF0
    size = shift = 0
    while True:
        byte = (await reader.readexactly(1))[0]
        size |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return kind, await reader.readexactly(size)
        if shift > 21:
            raise ConnectionError("a length of more than four bytes")


def _text(value: str) -> bytes:
    encoded = value.encode()
    return struct.pack(">H", len(encoded)) + encoded


def _framed(kind: int, body: bytes) -> bytes:
    size, length = len(body), bytearray()
    while True:
        byte, size = size & 0x7F, size >> 7
        length.append(byte | (0x80 if size else 0))
        if not size:
            return bytes((kind, *length)) + body
