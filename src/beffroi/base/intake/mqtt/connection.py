"""One MQTT connection: what a device may say, in which order, and what it is answered. No Django."""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from beffroi.base.intake.bucket import Bucket
from beffroi.base.intake.inbox import Entry, now_ms
from beffroi.base.intake.mqtt import packets
from beffroi.base.intake.mqtt.packets import (
    V5,
    V311,
    Ack,
    Connack,
    Connect,
    Disconnect,
    Kind,
    Packet,
    Ping,
    Publish,
    Suback,
    Subscribe,
    UnknownVersion,
    Unsubscribe,
)
from beffroi.base.intake.mqtt.properties import P
from beffroi.base.intake.mqtt.wire import PROTOCOL_ERROR, Framer, MqttError

if TYPE_CHECKING:
    from beffroi.base.intake.mqtt.listener import Listener

log = logging.getLogger("beffroi.intake")

_PINGRESP = packets.encode(Ping(Kind.PINGRESP), V311)
_PUBACK = b"\x40\x02"
_PUBREC = b"\x50\x02"
_LONGEST_DEVICE = 100
_LONGEST_TOPIC = 500
#: A device that must be slowed down is let go on with this many messages at a time.
_PORTION = 25.0


@dataclass(frozen=True, slots=True)
class Receipt:
    """What to answer once the entries of one read are durable."""

    connection: Connection
    answer: bytes
    flying: int
    exactly_once: tuple[int, ...] = ()


@dataclass(slots=True)
class _Reading:
    """What one read of the socket brought."""

    entries: list[Entry] = field(default_factory=list)
    answer: bytearray = field(default_factory=bytearray)
    flying: int = 0
    exactly_once: list[int] = field(default_factory=list)


class Connection(asyncio.Protocol):
    def __init__(self, listener: Listener) -> None:
        self.device = ""
        self.client_id = ""
        self.key = ""
        self._listener = listener
        self._framer = Framer(listener.limits.before_connect)
        self._transport: asyncio.Transport | None = None
        self._version = V311
        self._silence = listener.limits.connect_seconds
        self._heard = 0.0
        self._bucket: Bucket | None = None
        self._flying = 0
        #: Packet ids of QoS 2: False while not yet durable, True between PUBREC and PUBREL.
        self._exactly_once: dict[int, bool] = {}
        self._holds = 0
        self._slow: asyncio.TimerHandle | None = None
        self._closing = False

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._heard = self._listener.loop.time()
        if not self._listener.opened(self):
            log.warning("too many connections: one was refused")
            self.cut()
            return
        plain = self._transport.get_extra_info("socket")
        if plain is not None:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def connection_lost(self, exc: Exception | None) -> None:
        self._closing = True
        if self._slow is not None:
            self._slow.cancel()
        self._listener.closed(self)

    def data_received(self, data: bytes) -> None:
        # A stranger that drips bytes does not win time: it must say all of CONNECT in its delay.
        if self.device:
            self._heard = self._listener.loop.time()
        self._framer.feed(data)
        self._read()

    def pause_writing(self) -> None:
        self.hold()

    def resume_writing(self) -> None:
        self.go_on()

    # the listener's side

    def hold(self) -> None:
        """Stop reading; as many `go_on` as `hold` start it again."""
        self._holds += 1
        if self._holds == 1 and self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def go_on(self) -> None:
        self._holds -= 1
        if self._holds == 0 and self._transport is not None and not self._transport.is_closing():
            self._heard = self._listener.loop.time()
            self._transport.resume_reading()

    def acknowledge(self, receipt: Receipt) -> None:
        """The entries of a read are durable now."""
        self._flying -= receipt.flying
        for packet_id in receipt.exactly_once:
            self._exactly_once[packet_id] = True
        self._send(receipt.answer)

    def check_silence(self, now: float) -> None:
        """Cut a client that did not speak for one and a half of its keepalive."""
        if self._silence and not self._holds and now - self._heard > self._silence:
            if self.device:
                log.info("%s is silent: cut", self.device)
            self.leave(0x8D)

    def leave(self, reason: int) -> None:
        """Close, with MQTT 5's reason when the client can read it."""
        if self._closing or self._transport is None:
            return
        self._closing = True
        if self.device and self._version == V5:
            self._transport.write(packets.encode(Disconnect(reason), V5))
        self._transport.close()

    def cut(self) -> None:
        self._closing = True
        if self._transport is not None:
            self._transport.abort()

    # the protocol

    def _read(self) -> None:
        reading = _Reading()
        try:
            while not self._closing and not (self._slow or self._is_too_fast()):
                frame = self._framer.next()
                if frame is None:
                    break
                self._handle(packets.decode(*frame, self._version), reading)
        except MqttError as error:
            self._refuse(error)
        finally:
            if reading.entries:
                receipt = Receipt(
                    self, bytes(reading.answer), reading.flying, tuple(reading.exactly_once)
                )
                self._flying += reading.flying
                self._listener.writer.put(self._listener, receipt, reading.entries)
                self._listener.pause_if_behind(self)

    def _is_too_fast(self) -> bool:
        """Let a device that sends too much wait, alone."""
        bucket = self._bucket
        if bucket is None or bucket.allows(self._heard):
            return False
        self._listener.writer.note_slowed(self.device)
        self.hold()
        self._slow = self._listener.loop.call_later(bucket.wait_for(_PORTION), self._fast_enough)
        return True

    def _fast_enough(self) -> None:
        self._slow = None
        self._heard = self._listener.loop.time()
        self.go_on()
        if not self._closing:
            self._read()

    def _handle(self, packet: Packet, reading: _Reading) -> None:
        if not self.device:
            if not isinstance(packet, Connect):
                raise MqttError("something else than CONNECT comes first", PROTOCOL_ERROR)
            self._connect(packet)
            return
        match packet:
            case Publish():
                self._publish(packet, reading)
            case Ack(kind=Kind.PUBREL):
                self._release(packet)
            case Ping(kind=Kind.PINGREQ):
                self._send(_PINGRESP)
            case Subscribe():
                refusal = 0x87 if self._version == V5 else 0x80
                self._answer(Suback(Kind.SUBACK, packet.packet_id, [refusal] * len(packet.filters)))
            case Unsubscribe():
                nothing = [0x11] * len(packet.filters)
                self._answer(Suback(Kind.UNSUBACK, packet.packet_id, nothing))
            case Disconnect():
                self._closing = True
                if self._transport is not None:
                    self._transport.close()
            case _:
                raise MqttError(f"{type(packet).__name__} from a client", PROTOCOL_ERROR)

    def _connect(self, packet: Connect) -> None:
        self._version = packet.version
        v5 = packet.version == V5
        if P.AUTH_METHOD in packet.properties:
            self._refuse_connect(0x8C)
            return
        if not packet.client_id and not packet.clean and not v5:
            self._refuse_connect(0x02)
            return
        device = packet.username or ""
        key = None
        if device and len(device) <= _LONGEST_DEVICE:
            key = self._listener.key_for(device, packet.password or b"")
        if key is None:
            log.info("a device was refused as %.100r", device)
            self._refuse_connect(0x86 if v5 else 0x05)
            return
        self.device, self.key = device, key
        self.client_id = packet.client_id or f"auto-{secrets.token_hex(8)}"
        self._framer.limit = self._listener.limits.packet
        self._silence = packet.keepalive * 1.5
        self._heard = self._listener.loop.time()
        self._bucket = self._listener.bucket_of(device)
        self._listener.joined(self)
        told: dict[P, object] = {}
        if v5:
            told = {
                P.RECEIVE_MAXIMUM: self._listener.limits.in_flight,
                P.MAXIMUM_PACKET_SIZE: self._listener.limits.packet,
                P.WILDCARD_AVAILABLE: 0,
                P.SUBSCRIPTION_ID_AVAILABLE: 0,
                P.SHARED_AVAILABLE: 0,
            }
            if packet.properties.get(P.SESSION_EXPIRY):
                told[P.SESSION_EXPIRY] = 0
            if not packet.client_id:
                told[P.ASSIGNED_CLIENT_ID] = self.client_id
        self._answer(Connack(0, properties=told))

    def _refuse_connect(self, reason: int) -> None:
        self._answer(Connack(reason))
        self._closing = True
        if self._transport is not None:
            self._transport.close()

    def _publish(self, packet: Publish, reading: _Reading) -> None:
        if P.TOPIC_ALIAS in packet.properties:
            raise MqttError("a topic alias, of which none was granted", 0x94)
        if len(packet.topic) > _LONGEST_TOPIC:
            raise MqttError("a topic that long is refused", 0x90)
        if not self._may_publish(packet.topic):
            self._refuse_topic(packet)
            return
        if self._bucket is not None:
            self._bucket.take(self._heard)
        number = packet.packet_id.to_bytes(2, "big")
        if packet.qos == 2:
            known = self._exactly_once.get(packet.packet_id)
            if known is not None:
                if known:
                    self._send(_PUBREC + number)
                return
            self._exactly_once[packet.packet_id] = False
            reading.exactly_once.append(packet.packet_id)
        if packet.qos:
            # Only version 5 was told the limit; the backlog holds back the others.
            too_many = self._flying + reading.flying >= self._listener.limits.in_flight
            if too_many and self._version == V5:
                raise MqttError("more messages in flight than agreed", 0x93)
            reading.flying += 1
            reading.answer += (_PUBACK if packet.qos == 1 else _PUBREC) + number
        reading.entries.append(
            Entry("mqtt", self.device, packet.topic, packet.payload, received_ms=now_ms())
        )

    def _may_publish(self, topic: str) -> bool:
        """A device chooses its topics, but never speaks in the name of another one."""
        return not topic.startswith("v1/") or topic.startswith(f"v1/{self.device}/")

    def _refuse_topic(self, packet: Publish) -> None:
        log.info("%s may not publish to %.200r", self.device, packet.topic)
        if self._version != V5:
            # MQTT 3.1.1 has no word for it: acknowledging would be a lie.
            self.leave(0x87)
        elif packet.qos:
            kind = Kind.PUBACK if packet.qos == 1 else Kind.PUBREC
            self._answer(Ack(kind, packet.packet_id, 0x87))

    def _release(self, packet: Ack) -> None:
        known = self._exactly_once.get(packet.packet_id)
        if known is False:
            raise MqttError("PUBREL before PUBREC", PROTOCOL_ERROR)
        self._exactly_once.pop(packet.packet_id, None)
        unknown = known is None and self._version == V5
        self._answer(Ack(Kind.PUBCOMP, packet.packet_id, 0x92 if unknown else 0))

    def _refuse(self, error: MqttError) -> None:
        self._listener.broken += 1
        log.info("%s: %s: cut", self.device or "a stranger", error)
        if isinstance(error, UnknownVersion):
            self._version = V311
            self._refuse_connect(0x01)
            return
        self.leave(error.reason)

    def _answer(self, packet: Packet) -> None:
        self._send(packets.encode(packet, self._version))

    def _send(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)
