"""The MQTT server that only receives: who may connect, and what all connections share. No Django."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from beffroi.base.intake.bucket import Bucket
from beffroi.base.intake.mqtt.connection import Connection, Receipt
from beffroi.base.intake.writer import InboxWriter

log = logging.getLogger("beffroi.intake")


@dataclass(frozen=True)
class Limits:
    before_connect: int = 4 * 1024
    packet: int = 256 * 1024
    connect_seconds: float = 10.0
    connections: int = 10_000
    rate: float = 50.0
    burst: float = 1_000.0
    in_flight: int = 5_000
    #: With so many bytes waiting for the disk, nobody is read any more.
    backlog: int = 32 * 1024 * 1024


class Listener:
    """One listening socket. `key_of(device)` gives the SHA-256 (hex) of its token, or None."""

    def __init__(
        self,
        writer: InboxWriter,
        key_of: Callable[[str], str | None],
        limits: Limits | None = None,
    ) -> None:
        self.writer = writer
        self.limits = limits or Limits()
        self.refused = 0
        self.broken = 0
        self._key_of = key_of
        self._connections: set[Connection] = set()
        self._sessions: dict[tuple[str, str], Connection] = {}
        self._buckets: dict[str, Bucket] = {}
        self._paused: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._sweeper: asyncio.Task[None] | None = None

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        return self._loop

    @property
    def connected(self) -> int:
        return len(self._sessions)

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Listen; returns the port."""
        self._loop = asyncio.get_running_loop()
        self._server = await self._loop.create_server(
            lambda: Connection(self), host, port, ssl=tls, backlog=1024
        )
        self._sweeper = self._loop.create_task(self._sweep())
        return int(self._server.sockets[0].getsockname()[1])

    async def stop_reading(self) -> None:
        """Take nothing more in; what was taken can still be acknowledged."""
        if self._server is not None:
            self._server.close()
        if self._sweeper is not None:
            self._sweeper.cancel()
        for connection in list(self._connections):
            connection.hold()

    async def close(self) -> None:
        """Say goodbye, after the last acknowledgements."""
        for connection in list(self._connections):
            connection.leave(0x8B)
        for _ in range(100):
            if not self._connections:
                break
            await asyncio.sleep(0.01)
        for connection in list(self._connections):
            connection.cut()

    def stored(self, receipts: list[Receipt]) -> None:
        """Called from the writer's thread after a commit."""
        try:
            self._loop.call_soon_threadsafe(self._acknowledge, receipts)
        except RuntimeError:
            log.info("stored while the listener stops: senders will send again")

    def recheck_keys(self) -> None:
        """Cut the devices that were shut out, or got another token, since they connected."""
        for connection in list(self._sessions.values()):
            if self._key_of(connection.device) != connection.key:
                log.info("%s is no longer let in with this token", connection.device)
                connection.leave(0x87)

    # What connections ask for.

    def opened(self, connection: Connection) -> bool:
        if len(self._connections) >= self.limits.connections:
            return False
        self._connections.add(connection)
        return True

    def closed(self, connection: Connection) -> None:
        self._connections.discard(connection)
        self._paused.discard(connection)
        session = (connection.device, connection.client_id)
        if self._sessions.get(session) is connection:
            del self._sessions[session]

    def key_for(self, device: str, token: bytes) -> str | None:
        """The key that lets this device in with this token, or None."""
        key = self._key_of(device)
        given = hashlib.sha256(token).hexdigest()
        if key is not None and hmac.compare_digest(key, given):
            return key
        self.refused += 1
        return None

    def joined(self, connection: Connection) -> None:
        """A device is let in; its former connection under the same client id is cut."""
        session = (connection.device, connection.client_id)
        former = self._sessions.get(session)
        self._sessions[session] = connection
        if former is not None:
            former.leave(0x8E)

    def bucket_of(self, device: str) -> Bucket:
        bucket = self._buckets.get(device)
        if bucket is None:
            limits = self.limits
            bucket = Bucket(limits.rate, limits.burst, self._loop.time())
            self._buckets[device] = bucket
        return bucket

    def pause_if_behind(self, connection: Connection) -> None:
        """Stop reading a connection while the disk does not follow."""
        if self.writer.backlog > self.limits.backlog and connection not in self._paused:
            self._paused.add(connection)
            connection.hold()

    def _acknowledge(self, receipts: list[Receipt]) -> None:
        for receipt in receipts:
            receipt.connection.acknowledge(receipt)
        if self._paused and self.writer.backlog <= self.limits.backlog // 2:
            resumed, self._paused = self._paused, set()
            for connection in resumed:
                connection.go_on()

    async def _sweep(self) -> None:
        """Once a second: cut the silent, forget the buckets that are full again."""
        while True:
            await asyncio.sleep(1.0)
            now = self._loop.time()
            for connection in list(self._connections):
                connection.check_silence(now)
            if len(self._buckets) > 2 * len(self._sessions) + 1_000:
                kept = {connection.device for connection in self._sessions.values()}
                self._buckets = {
                    device: bucket
                    for device, bucket in self._buckets.items()
                    if device in kept or bucket.wait_for(bucket.burst) > 600
                }
