"""The packets of MQTT 3.1.1 (version 4) and 5, from bytes and to bytes. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from beffroi.base.intake.mqtt import properties as props
from beffroi.base.intake.mqtt import wire
from beffroi.base.intake.mqtt.properties import NONE, Properties
from beffroi.base.intake.mqtt.wire import PROTOCOL_ERROR, MqttError, Reader

V311 = 4
V5 = 5


class Kind(IntEnum):
    CONNECT = 1
    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    PUBREC = 5
    PUBREL = 6
    PUBCOMP = 7
    SUBSCRIBE = 8
    SUBACK = 9
    UNSUBSCRIBE = 10
    UNSUBACK = 11
    PINGREQ = 12
    PINGRESP = 13
    DISCONNECT = 14
    AUTH = 15


#: The low four bits that the standard prescribes; PUBLISH chooses its own.
_FLAGS = {Kind.PUBREL: 2, Kind.SUBSCRIBE: 2, Kind.UNSUBSCRIBE: 2}


class UnknownVersion(MqttError):
    """A CONNECT of another protocol version: answered, then cut."""


@dataclass(frozen=True, slots=True)
class Will:
    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Connect:
    client_id: str
    version: int = V311
    clean: bool = True
    keepalive: int = 60
    username: str | None = None
    password: bytes | None = None
    will: Will | None = None
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Connack:
    reason: int
    session_present: bool = False
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Publish:
    topic: str
    payload: bytes
    qos: int = 0
    packet_id: int = 0
    retain: bool = False
    dup: bool = False
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ack:
    """PUBACK, PUBREC, PUBREL or PUBCOMP."""

    kind: Kind
    packet_id: int
    reason: int = 0
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Subscribe:
    packet_id: int
    filters: Sequence[tuple[str, int]]
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    packet_id: int
    filters: Sequence[str]
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suback:
    """SUBACK or UNSUBACK, with one reason per filter."""

    kind: Kind
    packet_id: int
    reasons: Sequence[int]
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ping:
    kind: Kind = Kind.PINGREQ


@dataclass(frozen=True, slots=True)
class Disconnect:
    reason: int = 0
    properties: Properties = field(default_factory=dict)


Packet = Connect | Connack | Publish | Ack | Subscribe | Unsubscribe | Suback | Ping | Disconnect


def decode(first: int, body: bytes, version: int) -> Packet:
    """The packet in a frame, in the given protocol version; raises MqttError."""
    if first >> 4 == Kind.PUBLISH:
        return _publish(first, body, version)
    try:
        kind = Kind(first >> 4)
    except ValueError:
        raise MqttError("packet type 0") from None
    if first & 0x0F != _FLAGS.get(kind, 0):
        raise MqttError(f"{kind.name} with flags {first & 0x0F:#x}")
    reader = Reader(body)
    packet = _decode_rest(kind, reader, version)
    reader.end()
    return packet


def _decode_rest(kind: Kind, reader: Reader, version: int) -> Packet:
    match kind:
        case Kind.CONNECT:
            return _connect(reader)
        case Kind.CONNACK:
            return _connack(reader, version)
        case Kind.PUBACK | Kind.PUBREC | Kind.PUBREL | Kind.PUBCOMP:
            return _ack(kind, reader, version)
        case Kind.SUBSCRIBE:
            return _subscribe(reader, version)
        case Kind.UNSUBSCRIBE:
            return _unsubscribe(reader, version)
        case Kind.SUBACK | Kind.UNSUBACK:
            return _suback(kind, reader, version)
        case Kind.PINGREQ | Kind.PINGRESP:
            return Ping(kind)
        case Kind.DISCONNECT:
            return _disconnect(reader, version)
    raise MqttError(f"{kind.name} is not spoken here", PROTOCOL_ERROR)


def _connect(reader: Reader) -> Connect:
    name, version = reader.text(), reader.byte()
    if name not in {"MQTT", "MQIsdp"}:
        raise MqttError(f"protocol {name!r}")
    if (name, version) not in {("MQTT", V311), ("MQTT", V5)}:
        raise UnknownVersion(f"protocol {name} version {version}", 0x84)
    flags = reader.byte()
    has_name, has_password, has_will = flags & 0x80, flags & 0x40, flags & 0x04
    will_qos, will_retain = flags >> 3 & 3, bool(flags & 0x20)
    if flags & 1 or will_qos == 3 or (not has_will and flags & 0x38):
        raise MqttError(f"CONNECT with flags {flags:#x}")
    if has_password and not has_name and version == V311:
        raise MqttError("a password without a user name")
    keepalive = reader.two_bytes()
    properties = props.read(reader, props.IN_CONNECT) if version == V5 else NONE
    client_id = reader.text()
    will = None
    if has_will:
        will_properties = props.read(reader, props.IN_WILL) if version == V5 else NONE
        will = Will(reader.text(), reader.binary(), will_qos, will_retain, will_properties)
    return Connect(
        client_id=client_id,
        version=version,
        clean=bool(flags & 2),
        keepalive=keepalive,
        username=reader.text() if has_name else None,
        password=reader.binary() if has_password else None,
        will=will,
        properties=properties,
    )


def _connack(reader: Reader, version: int) -> Connack:
    present, reason = reader.byte(), reader.byte()
    if present > 1:
        raise MqttError("CONNACK with reserved flags")
    properties = props.read(reader, props.IN_CONNACK) if version == V5 else NONE
    return Connack(reason, bool(present), properties)


def _publish(first: int, body: bytes, version: int) -> Publish:
    qos, dup = first >> 1 & 3, bool(first & 8)
    if qos == 3 or (dup and not qos):
        raise MqttError("PUBLISH with impossible flags")
    reader = Reader(body)
    topic = reader.text()
    packet_id = reader.packet_id() if qos else 0
    properties = props.read(reader, props.IN_PUBLISH) if version == V5 else NONE
    if "+" in topic or "#" in topic:
        raise MqttError("a wildcard in the topic of a PUBLISH", 0x90)
    if not topic and props.P.TOPIC_ALIAS not in properties:
        raise MqttError("PUBLISH without a topic", PROTOCOL_ERROR)
    return Publish(topic, body[reader.at :], qos, packet_id, bool(first & 1), dup, properties)


def _ack(kind: Kind, reader: Reader, version: int) -> Ack:
    packet_id = reader.packet_id()
    if version != V5 or not reader.rest:
        return Ack(kind, packet_id)
    reason = reader.byte()
    return Ack(kind, packet_id, reason, props.read(reader, props.IN_ACK) if reader.rest else NONE)


def _subscribe(reader: Reader, version: int) -> Subscribe:
    packet_id = reader.packet_id()
    properties = props.read(reader, props.IN_SUBSCRIBE) if version == V5 else NONE
    filters = []
    while reader.rest:
        filters.append((reader.text(), reader.byte()))
    if not filters:
        raise MqttError("SUBSCRIBE without a filter", PROTOCOL_ERROR)
    return Subscribe(packet_id, filters, properties)


def _unsubscribe(reader: Reader, version: int) -> Unsubscribe:
    packet_id = reader.packet_id()
    properties = props.read(reader, props.IN_UNSUBSCRIBE) if version == V5 else NONE
    filters = []
    while reader.rest:
        filters.append(reader.text())
    if not filters:
        raise MqttError("UNSUBSCRIBE without a filter", PROTOCOL_ERROR)
    return Unsubscribe(packet_id, filters, properties)


def _suback(kind: Kind, reader: Reader, version: int) -> Suback:
    packet_id = reader.packet_id()
    properties = props.read(reader, props.IN_ACK) if version == V5 else NONE
    return Suback(kind, packet_id, list(reader.take(reader.rest)), properties)


def _disconnect(reader: Reader, version: int) -> Disconnect:
    if version != V5 or not reader.rest:
        return Disconnect()
    reason = reader.byte()
    properties = props.read(reader, props.IN_DISCONNECT) if reader.rest else NONE
    return Disconnect(reason, properties)


def encode(packet: Packet, version: int) -> bytes:
    """The bytes of a packet in the given protocol version."""
    match packet:
        case Connect():
            return wire.frame(Kind.CONNECT << 4, _connect_body(packet))
        case Connack():
            body = bytes([packet.session_present, packet.reason]) + _write(packet, version)
            return wire.frame(Kind.CONNACK << 4, body)
        case Publish():
            return _encode_publish(packet, version)
        case Ack():
            first = packet.kind << 4 | _FLAGS.get(packet.kind, 0)
            return wire.frame(first, _ack_body(packet, version))
        case Subscribe():
            body = packet.packet_id.to_bytes(2, "big") + _write(packet, version)
            body += b"".join(wire.text(name) + bytes([option]) for name, option in packet.filters)
            return wire.frame(Kind.SUBSCRIBE << 4 | 2, body)
        case Unsubscribe():
            body = packet.packet_id.to_bytes(2, "big") + _write(packet, version)
            return wire.frame(
                Kind.UNSUBSCRIBE << 4 | 2, body + b"".join(map(wire.text, packet.filters))
            )
        case Suback():
            body = packet.packet_id.to_bytes(2, "big") + _write(packet, version)
            if version == V5 or packet.kind is Kind.SUBACK:
                body += bytes(packet.reasons)
            return wire.frame(packet.kind << 4, body)
        case Ping():
            return wire.frame(packet.kind << 4, b"")
        case Disconnect():
            if version != V5 or not (packet.reason or packet.properties):
                return wire.frame(Kind.DISCONNECT << 4, b"")
            return wire.frame(
                Kind.DISCONNECT << 4, bytes([packet.reason]) + _write(packet, version)
            )


def _write(packet: Connack | Subscribe | Unsubscribe | Suback | Disconnect, version: int) -> bytes:
    return props.write(packet.properties) if version == V5 else b""


def _connect_body(packet: Connect) -> bytes:
    will = packet.will
    flags = (
        packet.clean << 1 | (packet.username is not None) << 7 | (packet.password is not None) << 6
    )
    if will is not None:
        flags |= 0x04 | will.qos << 3 | will.retain << 5
    body = wire.text("MQTT") + bytes([packet.version, flags]) + packet.keepalive.to_bytes(2, "big")
    if packet.version == V5:
        body += props.write(packet.properties)
    body += wire.text(packet.client_id)
    if will is not None:
        if packet.version == V5:
            body += props.write(will.properties)
        body += wire.text(will.topic) + wire.binary(will.payload)
    if packet.username is not None:
        body += wire.text(packet.username)
    if packet.password is not None:
        body += wire.binary(packet.password)
    return body


def _encode_publish(packet: Publish, version: int) -> bytes:
    body = wire.text(packet.topic)
    if packet.qos:
        body += packet.packet_id.to_bytes(2, "big")
    if version == V5:
        body += props.write(packet.properties)
    first = Kind.PUBLISH << 4 | packet.dup << 3 | packet.qos << 1 | packet.retain
    return wire.frame(first, body + packet.payload)


def _ack_body(packet: Ack, version: int) -> bytes:
    body = packet.packet_id.to_bytes(2, "big")
    if version == V5 and (packet.reason or packet.properties):
        body += bytes([packet.reason])
        if packet.properties:
            body += props.write(packet.properties)
    return body
