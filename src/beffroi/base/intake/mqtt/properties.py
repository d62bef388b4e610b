"""The properties of MQTT 5 (section 2.2.2): which there are, where they may stand, their types."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

from beffroi.base.intake.mqtt import wire
from beffroi.base.intake.mqtt.wire import PROTOCOL_ERROR, MqttError, Reader


class Property(IntEnum):
    PAYLOAD_FORMAT = 0x01
    MESSAGE_EXPIRY = 0x02
    CONTENT_TYPE = 0x03
    RESPONSE_TOPIC = 0x08
    CORRELATION_DATA = 0x09
    SUBSCRIPTION_ID = 0x0B
    SESSION_EXPIRY = 0x11
    ASSIGNED_CLIENT_ID = 0x12
    SERVER_KEEP_ALIVE = 0x13
    AUTH_METHOD = 0x15
    AUTH_DATA = 0x16
    REQUEST_PROBLEM_INFORMATION = 0x17
    WILL_DELAY = 0x18
    REQUEST_RESPONSE_INFORMATION = 0x19
    RESPONSE_INFORMATION = 0x1A
    SERVER_REFERENCE = 0x1C
    REASON_STRING = 0x1F
    RECEIVE_MAXIMUM = 0x21
    TOPIC_ALIAS_MAXIMUM = 0x22
    TOPIC_ALIAS = 0x23
    MAXIMUM_QOS = 0x24
    RETAIN_AVAILABLE = 0x25
    USER_PROPERTY = 0x26
    MAXIMUM_PACKET_SIZE = 0x27
    WILDCARD_AVAILABLE = 0x28
    SUBSCRIPTION_ID_AVAILABLE = 0x29
    SHARED_AVAILABLE = 0x2A


Properties = Mapping[Property, Any]
NONE: Properties = {}

P = Property
_BYTE = {
    P.PAYLOAD_FORMAT, P.REQUEST_PROBLEM_INFORMATION, P.REQUEST_RESPONSE_INFORMATION, P.MAXIMUM_QOS,
    P.RETAIN_AVAILABLE, P.WILDCARD_AVAILABLE, P.SUBSCRIPTION_ID_AVAILABLE, P.SHARED_AVAILABLE,
}  # fmt: skip
_TWO_BYTES = {P.SERVER_KEEP_ALIVE, P.RECEIVE_MAXIMUM, P.TOPIC_ALIAS_MAXIMUM, P.TOPIC_ALIAS}
_FOUR_BYTES = {P.MESSAGE_EXPIRY, P.SESSION_EXPIRY, P.WILL_DELAY, P.MAXIMUM_PACKET_SIZE}
_BINARY = {P.CORRELATION_DATA, P.AUTH_DATA}

_PUBLICATION = {
    P.PAYLOAD_FORMAT, P.MESSAGE_EXPIRY, P.CONTENT_TYPE, P.RESPONSE_TOPIC, P.CORRELATION_DATA,
    P.USER_PROPERTY,
}  # fmt: skip
#: Which properties each packet may carry.
IN_CONNECT = frozenset(
    {
        P.SESSION_EXPIRY,
        P.AUTH_METHOD,
        P.AUTH_DATA,
        P.REQUEST_PROBLEM_INFORMATION,
        P.REQUEST_RESPONSE_INFORMATION,
        P.RECEIVE_MAXIMUM,
        P.TOPIC_ALIAS_MAXIMUM,
        P.USER_PROPERTY,
        P.MAXIMUM_PACKET_SIZE,
    }
)
IN_WILL = frozenset(_PUBLICATION | {P.WILL_DELAY})
IN_CONNACK = frozenset(
    {
        P.SESSION_EXPIRY,
        P.RECEIVE_MAXIMUM,
        P.MAXIMUM_QOS,
        P.RETAIN_AVAILABLE,
        P.MAXIMUM_PACKET_SIZE,
        P.ASSIGNED_CLIENT_ID,
        P.TOPIC_ALIAS_MAXIMUM,
        P.REASON_STRING,
        P.USER_PROPERTY,
        P.WILDCARD_AVAILABLE,
        P.SUBSCRIPTION_ID_AVAILABLE,
        P.SHARED_AVAILABLE,
        P.SERVER_KEEP_ALIVE,
        P.RESPONSE_INFORMATION,
        P.SERVER_REFERENCE,
        P.AUTH_METHOD,
        P.AUTH_DATA,
    }
)
IN_PUBLISH = frozenset(_PUBLICATION | {P.TOPIC_ALIAS, P.SUBSCRIPTION_ID})
IN_ACK = frozenset({P.REASON_STRING, P.USER_PROPERTY})
IN_SUBSCRIBE = frozenset({P.SUBSCRIPTION_ID, P.USER_PROPERTY})
IN_UNSUBSCRIBE = frozenset({P.USER_PROPERTY})
IN_DISCONNECT = frozenset({P.SESSION_EXPIRY, P.REASON_STRING, P.USER_PROPERTY, P.SERVER_REFERENCE})


def read(reader: Reader, allowed: frozenset[Property]) -> Properties:
    """The properties at the reader's place. User properties are a list of (name, value).

    Raises MqttError for one that is unknown, given twice, or does not belong into this packet.
    """
    inner = Reader(reader.take(reader.variable()))
    found: dict[Property, Any] = {}
    while inner.rest:
        number = inner.variable()
        try:
            name = Property(number)
        except ValueError:
            raise MqttError(f"unknown property {number:#x}") from None
        if name not in allowed:
            raise MqttError(f"{name.name} does not belong into this packet", PROTOCOL_ERROR)
        if name is P.USER_PROPERTY:
            found.setdefault(name, []).append((inner.text(), inner.text()))
            continue
        if name in found:
            raise MqttError(f"{name.name} is given twice", PROTOCOL_ERROR)
        found[name] = _value(inner, name)
    return found


def _value(reader: Reader, name: Property) -> Any:
    if name in _BYTE:
        value = reader.byte()
        if value > 1:
            raise MqttError(f"{name.name} is {value}", PROTOCOL_ERROR)
        return value
    if name in _TWO_BYTES:
        return reader.two_bytes()
    if name in _FOUR_BYTES:
        return reader.four_bytes()
    if name in _BINARY:
        return reader.binary()
    if name is P.SUBSCRIPTION_ID:
        return reader.variable()
    return reader.text()


def write(properties: Properties) -> bytes:
    written = bytearray()
    for name, value in properties.items():
        if name is P.USER_PROPERTY:
            for key, text in value:
                written += bytes([name]) + wire.text(key) + wire.text(text)
            continue
        written.append(name)
        if name in _BYTE:
            written.append(value)
        elif name in _TWO_BYTES:
            written += value.to_bytes(2, "big")
        elif name in _FOUR_BYTES:
            written += value.to_bytes(4, "big")
        elif name in _BINARY:
            written += wire.binary(value)
        elif name is P.SUBSCRIPTION_ID:
            written += wire.variable(value)
        else:
            written += wire.text(value)
    return wire.variable(len(written)) + bytes(written)
