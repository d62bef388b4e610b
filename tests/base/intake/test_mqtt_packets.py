"""The codec: what is written is read back, and nothing that comes in breaks it."""

from __future__ import annotations

import contextlib
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.base.intake.mqtt import packets
from beffroi.base.intake.mqtt import properties as props
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
    Will,
    decode,
    encode,
)
from beffroi.base.intake.mqtt.wire import Framer, MqttError, variable

texts = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=40)
topics = texts.filter(lambda text: text != "" and "+" not in text and "#" not in text)
numbers = st.integers(1, 0xFFFF)
bytes_ = st.binary(max_size=60)
versions = st.sampled_from([V311, V5])


def values(name: props.Property) -> st.SearchStrategy[Any]:
    if name is props.P.USER_PROPERTY:
        return st.lists(st.tuples(texts, texts), min_size=1, max_size=3)
    if name in props._BYTE:
        return st.integers(0, 1)
    if name in props._TWO_BYTES:
        return st.integers(0, 0xFFFF)
    if name in props._FOUR_BYTES:
        return st.integers(0, 0xFFFFFFFF)
    if name in props._BINARY:
        return bytes_
    if name is props.P.SUBSCRIPTION_ID:
        return st.integers(0, 268_435_455)
    return texts


def properties(allowed: frozenset[props.Property], version: int) -> st.SearchStrategy[Any]:
    if version == V311:
        return st.just(props.NONE)
    return st.fixed_dictionaries({}, optional={name: values(name) for name in sorted(allowed)})


@st.composite
def packet_of(draw: st.DrawFn, version: int) -> Packet:
    def some(allowed: frozenset[props.Property]) -> Any:
        return draw(properties(allowed, version))

    qos = draw(st.integers(0, 2))
    kind = draw(st.sampled_from([kind for kind in Kind if kind is not Kind.AUTH]))
    v5 = version == V5
    match kind:
        case Kind.CONNECT:
            will = Will(draw(texts), draw(bytes_), qos, draw(st.booleans()), some(props.IN_WILL))
            username = draw(st.none() | texts)
            password = draw(st.none() | bytes_) if v5 or username is not None else None
            return Connect(
                draw(texts), version, draw(st.booleans()), draw(st.integers(0, 0xFFFF)),
                username, password, draw(st.none() | st.just(will)), some(props.IN_CONNECT),
            )  # fmt: skip
        case Kind.CONNACK:
            return Connack(draw(st.integers(0, 255)), draw(st.booleans()), some(props.IN_CONNACK))
        case Kind.PUBLISH:
            return Publish(
                draw(topics), draw(bytes_), qos, draw(numbers) if qos else 0,
                draw(st.booleans()), bool(qos) and draw(st.booleans()), some(props.IN_PUBLISH),
            )  # fmt: skip
        case Kind.PUBACK | Kind.PUBREC | Kind.PUBREL | Kind.PUBCOMP:
            reason = draw(st.integers(0, 255)) if v5 else 0
            return Ack(kind, draw(numbers), reason, some(props.IN_ACK))
        case Kind.SUBSCRIBE:
            filters = draw(st.lists(st.tuples(texts, st.integers(0, 2)), min_size=1, max_size=3))
            return Subscribe(draw(numbers), filters, some(props.IN_SUBSCRIBE))
        case Kind.UNSUBSCRIBE:
            names = draw(st.lists(texts, min_size=1, max_size=3))
            return Unsubscribe(draw(numbers), names, some(props.IN_UNSUBSCRIBE))
        case Kind.SUBACK | Kind.UNSUBACK:
            reasons = draw(st.lists(st.integers(0, 255), max_size=4))
            empty = version == V311 and kind is Kind.UNSUBACK
            return Suback(kind, draw(numbers), [] if empty else reasons, some(props.IN_ACK))
        case Kind.PINGREQ | Kind.PINGRESP:
            return Ping(kind)
    reason = draw(st.integers(0, 255)) if v5 else 0
    return Disconnect(reason, some(props.IN_DISCONNECT))


def read_all(data: bytes, version: int, limit: int = 1 << 28) -> list[Packet]:
    framer = Framer(limit)
    framer.feed(data)
    found = []
    while (frame := framer.next()) is not None:
        found.append(decode(*frame, version))
    return found


@given(st.data(), versions)
def test_what_is_written_is_read_back(data: st.DataObject, version: int) -> None:
    packet = data.draw(packet_of(version))
    assert read_all(encode(packet, version), version) == [packet]


@given(st.data(), versions, st.integers(1, 7))
def test_packets_come_whole_however_the_bytes_arrive(
    data: st.DataObject, version: int, step: int
) -> None:
    sent = data.draw(st.lists(packet_of(version), max_size=4))
    stream = b"".join(encode(packet, version) for packet in sent)
    framer = Framer(1 << 20)
    found = []
    for start in range(0, len(stream), step):
        framer.feed(stream[start : start + step])
        while (frame := framer.next()) is not None:
            found.append(decode(*frame, version))
    assert found == sent


@given(st.binary(max_size=200), versions)
def test_any_bytes_give_packets_or_a_named_error(data: bytes, version: int) -> None:
    with contextlib.suppress(MqttError):
        read_all(data, version, limit=1000)


def test_mutated_packets_give_packets_or_a_named_error() -> None:
    dice = random.Random(1)
    good = [
        encode(Connect("c", V5, username="d", password=b"t", will=Will("w", b"x")), V5),
        encode(
            Publish("v1/d/readings", b'{"a":1}', 1, 7, properties={props.P.CONTENT_TYPE: "j"}), V5
        ),
        encode(Subscribe(3, [("a/#", 1)]), V5),
        encode(Ack(Kind.PUBREL, 9, 0x92), V5),
    ]
    refused = 0
    for _ in range(20_000):
        data = bytearray(dice.choice(good))
        for _ in range(dice.randint(1, 4)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        try:
            read_all(bytes(data), V5, limit=4096)
        except MqttError:
            refused += 1
    assert refused > 1000


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x00\x00", "type 0"),
        (b"\x11\x00", "flags"),
        (b"\x36\x05\x00\x01a\x00\x01", "impossible flags"),
        (b"\x38\x03\x00\x01a", "impossible flags"),
        (b"\x32\x05\x00\x01a\x00\x00", "identifier 0"),
        (b"\x30\x03\x00\x01+", "wildcard"),
        (b"\x30\x02\x00\x00", "without a topic"),
        (b"\x30\x04\x00\x02\xff\xfe", "UTF-8"),
        (b"\x30\x03\x00\x01\x00", "U\\+0000"),
        (b"\x30\x03\x00\x09a", "ends within"),
        (b"\x82\x02\x00\x01", "without a filter"),
        (b"\xc0\x01\x00", "longer than its fields"),
        (b"\x30\xff\xff\xff\xff\x01", "four bytes"),
        (b"\xf0\x00", "not spoken"),
    ],
)
def test_broken_packets_are_named(data: bytes, why: str) -> None:
    with pytest.raises(MqttError, match=why):
        read_all(data, V311)


def test_an_older_protocol_is_told_apart() -> None:
    old = b"\x10\x10\x00\x06MQIsdp\x03\x02\x00\x3c\x00\x02ab"
    with pytest.raises(UnknownVersion):
        read_all(old, V311)


def test_a_packet_over_the_limit_is_refused_before_it_is_read() -> None:
    framer = Framer(100)
    framer.feed(b"\x30" + variable(101))
    with pytest.raises(MqttError, match="larger than 100"):
        framer.next()


@pytest.mark.parametrize("value", [0, 127, 128, 16_383, 16_384, 268_435_455])
def test_variable_integers(value: int) -> None:
    assert packets.Reader(variable(value)).variable() == value


@pytest.mark.parametrize("value", [-1, 268_435_456])
def test_variable_integers_out_of_range(value: int) -> None:
    with pytest.raises(ValueError, match=str(value)):
        variable(value)
