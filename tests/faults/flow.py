"""A device that never gives up: it sends, notes what was acknowledged, and sends the rest again."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable

from beffroi.base.intake.mqtt.packets import V311, Ack, Connack, Connect, Publish, decode, encode
from beffroi.base.intake.mqtt.wire import Framer

_WINDOW = 50


class Flow(threading.Thread):
    """Publishes `payload(n)` for n = 0, 1, 2… with QoS 1 until told to stop."""

    def __init__(
        self,
        port: int,
        device: str,
        token: str,
        payload: Callable[[int], bytes],
        pause: float = 0.0,
    ) -> None:
        super().__init__(name=f"flow of {device}")
        self._address = ("127.0.0.1", port)
        self._device = device
        self._token = token
        self._payload = payload
        self._pause = pause
        self._flying: dict[int, int] = {}
        self._finishing = threading.Event()
        self.sent = 0
        self.acknowledged: set[int] = set()
        self.connections = 0

    def finish(self) -> None:
        """Send nothing new, and end when all is acknowledged."""
        self._finishing.set()

    def run(self) -> None:
        while not (self._finishing.is_set() and not self._flying):
            try:
                with socket.create_connection(self._address, timeout=5) as connection:
                    self._talk(connection)
            except OSError:
                time.sleep(0.02)

    def _talk(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        framer = Framer(1 << 16)
        hello = Connect(self._device, username=self._device, password=self._token.encode())
        connection.sendall(encode(hello, V311))
        for packet_id, number in self._flying.items():
            connection.sendall(self._publication(packet_id, number, again=True))
        while not (self._finishing.is_set() and not self._flying):
            while len(self._flying) < _WINDOW and not self._finishing.is_set():
                packet_id = self.sent % 60_000 + 1
                self._flying[packet_id] = self.sent
                self.sent += 1
                connection.sendall(self._publication(packet_id, self.sent - 1, again=False))
                if self._pause:
                    time.sleep(self._pause)
                    break
            self._hear(connection, framer)

    def _hear(self, connection: socket.socket, framer: Framer) -> None:
        data = connection.recv(65536)
        if not data:
            raise ConnectionError
        framer.feed(data)
        while (frame := framer.next()) is not None:
            packet = decode(*frame, V311)
            if isinstance(packet, Connack):
                if packet.reason:
                    raise AssertionError(f"refused: {packet.reason}")
                self.connections += 1
            elif isinstance(packet, Ack) and packet.packet_id in self._flying:
                self.acknowledged.add(self._flying.pop(packet.packet_id))

    def _publication(self, packet_id: int, number: int, again: bool) -> bytes:
        topic = f"v1/{self._device}/readings"
        return encode(Publish(topic, self._payload(number), 1, packet_id, dup=again), V311)
