"""The listener with raw sockets: who is let in, what is answered, and when."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.base.intake.conftest import TOKEN, Running

from beffroi.base.intake.mqtt.listener import Limits
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
    Unsubscribe,
    decode,
    encode,
)
from beffroi.base.intake.mqtt.properties import P
from beffroi.base.intake.mqtt.wire import Framer
from beffroi.base.intake.public import Message


class Device:
    """A client that says exactly what it is told to say."""

    def __init__(self, port: int, version: int = V311) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.version = version
        self._framer = Framer(1 << 20)

    def say(self, *said: Packet) -> None:
        self.socket.sendall(b"".join(encode(packet, self.version) for packet in said))

    def hear(self) -> Packet | None:
        """The next packet, or None when the connection was closed."""
        while (frame := self._framer.next()) is None:
            try:
                data = self.socket.recv(65536)
            except ConnectionError:
                return None
            if not data:
                return None
            self._framer.feed(data)
        return decode(*frame, self.version)

    def connect(self, device: str = "d1", token: str = TOKEN, **options: Any) -> Packet | None:
        options = {"client_id": "c", **options}
        self.say(Connect(version=self.version, username=device, password=token.encode(), **options))
        return self.hear()


@pytest.fixture
def device(server: Running) -> Iterator[Callable[..., Device]]:
    opened: list[Device] = []

    def open_one(version: int = V311, port: int = 0) -> Device:
        opened.append(Device(port or server.port, version))
        return opened[-1]

    yield open_one
    for one in opened:
        one.socket.close()


def payloads(server: Running) -> list[bytes]:
    return [message.payload for message in server.messages()]


def test_a_message_is_acknowledged_when_it_is_on_the_disk(server: Running, device: Any) -> None:
    client = device()
    assert client.connect() == Connack(0)
    client.say(Publish("v1/d1/readings", b'{"a": 1}', 1, 7))
    assert client.hear() == Ack(Kind.PUBACK, 7)
    (message,) = server.messages()
    assert isinstance(message, Message)
    assert (message.source, message.device, message.topic) == ("mqtt", "d1", "v1/d1/readings")
    assert message.payload == b'{"a": 1}'


def test_messages_are_kept_in_the_order_they_were_sent(server: Running, device: Any) -> None:
    client = device()
    client.connect()
    client.say(*[Publish("t", str(n).encode(), n % 2, n + 1 if n % 2 else 0) for n in range(200)])
    for number in range(1, 200, 2):
        assert client.hear() == Ack(Kind.PUBACK, number + 1)
    assert payloads(server) == [str(n).encode() for n in range(200)]


@pytest.mark.parametrize("version", [V311, V5])
def test_exactly_once_stores_a_repeated_packet_once(
    server: Running, device: Any, version: int
) -> None:
    client = device(version)
    client.connect()
    packet = Publish("t", b"x", 2, 9)
    client.say(packet)
    assert client.hear() == Ack(Kind.PUBREC, 9)
    client.say(Publish("t", b"x", 2, 9, dup=True))
    assert client.hear() == Ack(Kind.PUBREC, 9)
    client.say(Ack(Kind.PUBREL, 9))
    assert client.hear() == Ack(Kind.PUBCOMP, 9)
    client.say(packet)
    assert client.hear() == Ack(Kind.PUBREC, 9)
    assert payloads(server) == [b"x", b"x"]


def test_a_release_of_nothing_is_answered(device: Any) -> None:
    old, new = device(V311), device(V5)
    old.connect()
    new.connect("d2")
    old.say(Ack(Kind.PUBREL, 5))
    new.say(Ack(Kind.PUBREL, 5))
    assert old.hear() == Ack(Kind.PUBCOMP, 5)
    assert new.hear() == Ack(Kind.PUBCOMP, 5, 0x92)


@pytest.mark.parametrize(
    ("version", "name", "token", "reason"),
    [
        (V311, "d1", "wrong", 5),
        (V311, "nobody", TOKEN, 5),
        (V311, "", TOKEN, 5),
        (V5, "d1", "wrong", 0x86),
        (V5, "x" * 200, TOKEN, 0x86),
    ],
)
def test_a_stranger_is_refused(
    server: Running, device: Any, version: int, name: str, token: str, reason: int
) -> None:
    client = device(version)
    answer = client.connect(name, token)
    assert isinstance(answer, Connack)
    assert answer.reason == reason
    assert client.hear() is None
    assert server.listener.connected == 0


def test_version_5_is_told_what_is_granted(device: Any) -> None:
    client = device(V5)
    answer = client.connect(client_id="", properties={P.SESSION_EXPIRY: 60})
    assert isinstance(answer, Connack)
    assert answer.properties[P.SESSION_EXPIRY] == 0
    assert answer.properties[P.ASSIGNED_CLIENT_ID].startswith("auto-")
    assert answer.properties[P.MAXIMUM_PACKET_SIZE] == 256 * 1024


def test_an_unknown_version_is_told_so(server: Running, device: Any) -> None:
    client = device()
    client.socket.sendall(b"\x10\x0e\x00\x06MQIsdp\x03\x02\x00\x3c\x00\x00")
    assert client.hear() == Connack(1)
    assert client.hear() is None


@pytest.mark.parametrize(("version", "reason"), [(V311, 0x80), (V5, 0x87)])
def test_nothing_can_be_subscribed_to(device: Any, version: int, reason: int) -> None:
    client = device(version)
    client.connect()
    client.say(Subscribe(3, [("#", 1), ("a", 0)]), Unsubscribe(4, ["#"]), Ping())
    assert client.hear() == Suback(Kind.SUBACK, 3, [reason, reason])
    expected = [0x11] if version == V5 else []
    assert client.hear() == Suback(Kind.UNSUBACK, 4, expected)
    assert client.hear() == Ping(Kind.PINGRESP)


def test_nobody_speaks_for_another_device(server: Running, device: Any) -> None:
    old, new = device(V311), device(V5)
    old.connect("d1")
    new.connect("d2")
    old.say(Publish("v1/d2/readings", b"x", 1, 1))
    assert old.hear() is None
    new.say(Publish("v1/d1/readings", b"x", 1, 1), Publish("v1/d2/readings", b"y", 1, 2))
    assert new.hear() == Ack(Kind.PUBACK, 1, 0x87)
    assert new.hear() == Ack(Kind.PUBACK, 2)
    assert payloads(server) == [b"y"]


@pytest.mark.parametrize(
    "said",
    [
        [Publish("t", b"x")],
        [Connect("c", username="d1", password=TOKEN.encode())] * 2,
        [Connect("c", username="d1", password=TOKEN.encode()), Connack(0)],
    ],
    ids=["publish first", "connect twice", "a server's packet"],
)
def test_a_broken_order_is_cut(device: Any, said: list[Packet]) -> None:
    client = device()
    client.say(*said)
    if isinstance(said[0], Connect):
        assert client.hear() == Connack(0)
    assert client.hear() is None


def test_version_5_is_told_why_it_is_cut(device: Any) -> None:
    client = device(V5)
    client.connect()
    client.say(Publish("", b"x", properties={P.TOPIC_ALIAS: 1}))
    assert client.hear() == Disconnect(0x94)


def test_packets_may_be_large_only_after_connect(server: Running, device: Any) -> None:
    stranger = device()
    stranger.socket.sendall(b"\x10\xff\xff\x03")
    assert stranger.hear() is None
    known = device()
    known.connect()
    known.say(Publish("t", b"x" * 200_000, 1, 1))
    assert known.hear() == Ack(Kind.PUBACK, 1)
    known.socket.sendall(b"\x30\xff\xff\x7f")
    assert known.hear() is None


def test_a_silent_client_is_cut_and_a_lively_one_is_not(server: Running, device: Any) -> None:
    silent, lively, mute = device(), device(), device()
    silent.connect("d1", keepalive=1)
    lively.connect("d2", keepalive=60)
    started = time.monotonic()
    assert silent.hear() is None
    assert time.monotonic() - started >= 1.4
    lively.say(Ping())
    assert lively.hear() == Ping(Kind.PINGRESP)
    assert mute.socket.fileno() >= 0


def test_who_never_connects_is_cut(start_listener: Any) -> None:
    running = start_listener(Limits(connect_seconds=0.5))
    assert Device(running.port).hear() is None


def test_who_drips_its_connect_is_cut_all_the_same(start_listener: Any) -> None:
    running = start_listener(Limits(connect_seconds=0.5))
    stranger = Device(running.port)
    stranger.socket.settimeout(0.05)
    closed = False
    for byte in encode(Connect("d1", username="d" * 2000), V311):
        try:
            stranger.socket.sendall(bytes([byte]))
            closed = not stranger.socket.recv(1)
        except TimeoutError:
            continue
        except ConnectionError:
            closed = True
        if closed:
            break
    assert closed


def test_a_device_that_comes_back_replaces_its_former_connection(device: Any) -> None:
    first, second, other = device(V5), device(V5), device(V5)
    first.connect("d1")
    other.connect("d2")
    second.connect("d1")
    assert first.hear() == Disconnect(0x8E)
    other.say(Ping())
    assert other.hear() == Ping(Kind.PINGRESP)


def test_a_device_that_is_shut_out_is_cut(server: Running, device: Any) -> None:
    out, stays = device(V5), device(V5)
    out.connect("d1")
    stays.connect("d2")
    server.inbox.set_key("d1", "")
    server.call(server.listener.recheck_keys)
    assert out.hear() == Disconnect(0x87)
    stays.say(Ping())
    assert stays.hear() == Ping(Kind.PINGRESP)
    again = device(V311).connect("d1")
    assert again == Connack(5)


def test_a_rogue_device_alone_is_slowed_and_reported(start_listener: Any) -> None:
    running = start_listener(Limits(rate=100, burst=20))
    rogue, honest = Device(running.port), Device(running.port)
    rogue.connect("d1")
    honest.connect("d2")
    rogue.say(*[Publish("t", b"rogue", 1, n) for n in range(1, 101)])
    for _ in range(20):
        assert isinstance(rogue.hear(), Ack)
    honest.say(Publish("t", b"honest", 1, 1))
    assert honest.hear() == Ack(Kind.PUBACK, 1)
    stored = payloads(running)
    assert stored.count(b"rogue") < 100
    for _ in range(80):
        assert isinstance(rogue.hear(), Ack)
    (report,) = running.inbox.slowed()
    assert report.device == "d1"
    rogue.socket.close()
    honest.socket.close()


def test_more_in_flight_than_agreed_is_cut(start_listener: Any) -> None:
    running = start_listener(Limits(in_flight=10))
    client = Device(running.port, V5)
    client.connect()
    client.say(*[Publish("t", b"x", 1, n) for n in range(1, 50)])
    heard = []
    while (packet := client.hear()) is not None:
        heard.append(packet)
    assert heard[-1] == Disconnect(0x93)
    untold = Device(running.port, V311)
    untold.connect("d2")
    untold.say(*[Publish("t", b"x", 1, n) for n in range(1, 50)])
    assert [untold.hear() for _ in range(1, 50)] == [Ack(Kind.PUBACK, n) for n in range(1, 50)]
    untold.socket.close()


def test_more_connections_than_allowed_are_refused(start_listener: Any) -> None:
    running = start_listener(Limits(connections=1))
    first, second = Device(running.port), Device(running.port)
    assert first.connect("d1") == Connack(0)
    assert second.hear() is None
    first.socket.close()
    second.socket.close()


def test_tls(start_listener: Any, tmp_path: Path) -> None:
    import ssl

    certificate, key = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    running = start_listener(tls=context)
    client = Device(running.port)
    client.socket = ssl.create_default_context(cafile=str(certificate)).wrap_socket(
        client.socket, server_hostname="localhost"
    )
    assert client.connect() == Connack(0)
    client.say(Publish("t", b"secret", 1, 1))
    assert client.hear() == Ack(Kind.PUBACK, 1)
    client.socket.close()


def self_signed(folder: Path) -> tuple[Path, Path]:
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


def test_twenty_thousand_broken_packets_leave_it_alive(
    server: Running, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING")
    dice = random.Random(7)
    hello = encode(Connect("c", V5, username="d1", password=TOKEN.encode()), V5)
    good = [
        hello,
        encode(Publish("v1/d1/readings", b'{"a": 1}', 1, 7), V5),
        encode(Publish("t", b"x", 2, 8, properties={P.USER_PROPERTY: [("a", "b")]}), V5),
        encode(Ack(Kind.PUBREL, 8), V5),
        encode(Subscribe(3, [("a/#", 1)]), V5),
        encode(Ping(), V5),
        encode(Disconnect(4), V5),
    ]
    sent = 0
    while sent < 20_000:
        client = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        stream = bytearray(hello if dice.random() < 0.7 else b"")
        for _ in range(10):
            packet = bytearray(dice.choice(good))
            if dice.random() < 0.2:
                packet[dice.randrange(len(packet))] = dice.randrange(256)
            stream += packet
        sent += 10
        try:
            client.sendall(stream)
            client.shutdown(socket.SHUT_WR)
            while client.recv(65536):
                pass
        except OSError:
            pass  # cut while we still spoke: what a broken packet deserves
        finally:
            client.close()
    survivor = Device(server.port)
    assert survivor.connect("d3") == Connack(0)
    survivor.say(Publish("t", b"alive", 1, 1))
    assert survivor.hear() == Ack(Kind.PUBACK, 1)
    survivor.socket.close()
    assert [record for record in caplog.records if record.exc_info] == []
    assert server.listener.broken > 50
