"""Clients and brokers of others: mosquitto_pub, paho, a mosquitto broker."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from tests.base.intake.conftest import TOKEN, Running

from beffroi.base.intake.broker import BrokerAddress, BrokerClient, device_in
from beffroi.base.intake.inbox import Inbox
from beffroi.base.intake.writer import InboxWriter

peer = pytest.mark.peer


def program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    assert found, f"{name} is missing. Run: apt-get install mosquitto mosquitto-clients"
    return found


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def publish(port: int, *options: str, token: str = TOKEN) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            program("mosquitto_pub"), "-h", "127.0.0.1", "-p", str(port), "-u", "d1", "-P", token,
            "-t", "v1/d1/readings", *options,
        ],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )  # fmt: skip


@peer
@pytest.mark.parametrize("version", ["mqttv311", "mqttv5"])
@pytest.mark.parametrize("qos", ["0", "1", "2"])
def test_mosquitto_pub(server: Running, version: str, qos: str) -> None:
    sent = publish(server.port, "-V", version, "-q", qos, "-m", '{"flow": 12.5}')
    assert (sent.returncode, sent.stderr) == (0, "")
    wait_for(lambda: len(server.messages()) == 1)
    assert server.messages()[0].payload == b'{"flow": 12.5}'


@peer
@pytest.mark.parametrize(
    ("version", "words"), [("mqttv311", "not authorised"), ("mqttv5", "Bad User Name or Password")]
)
def test_mosquitto_pub_with_a_wrong_token(server: Running, version: str, words: str) -> None:
    sent = publish(server.port, "-V", version, "-q", "1", "-m", "x", token="wrong")
    assert sent.returncode != 0
    assert words.lower() in sent.stderr.lower()
    assert server.messages() == []


@peer
@pytest.mark.parametrize("protocol", [MQTTProtocolVersion.MQTTv311, MQTTProtocolVersion.MQTTv5])
def test_paho_sends_two_thousand(server: Running, protocol: MQTTProtocolVersion) -> None:
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="p", protocol=protocol)
    client.username_pw_set("d2", TOKEN)
    client.max_inflight_messages_set(200)
    client.connect("127.0.0.1", server.port)
    client.loop_start()
    handed = [client.publish("v1/d2/readings", str(n), qos=1 + n % 2) for n in range(900)]
    for info in handed:
        info.wait_for_publish(30)
        assert info.is_published()
    client.disconnect()
    client.loop_stop()
    assert {message.payload for message in server.messages()} == {
        str(n).encode() for n in range(900)
    }


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Callable[[], int]]:
    """broker() starts the same mosquitto (again) on one port, with what it kept."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = tmp_path / "mosquitto.conf"
    settings.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\nuser root\n"
        f"persistence true\npersistence_location {tmp_path}/\nautosave_interval 1\n"
    )
    running: list[subprocess.Popen[bytes]] = []

    def start() -> int:
        for process in running:
            process.terminate()
            process.wait()
        running[:] = [
            subprocess.Popen([program("mosquitto"), "-c", str(settings)], stderr=subprocess.DEVNULL)
        ]
        wait_for(lambda: accepts(port))
        return port

    yield start
    for process in running:
        process.terminate()
        process.wait()


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@peer
def test_an_external_broker_keeps_what_comes_while_we_are_away(
    broker: Callable[[], int], inbox: Inbox
) -> None:
    port = broker()
    address = BrokerAddress.parse(f"mqtt://127.0.0.1:{port}/town")

    def send(payload: str) -> None:
        subprocess.run(
            [
                program("mosquitto_pub"), "-p", str(port), "-q", "1",
                "-t", "town/v1/meter-7/readings", "-m", payload,
            ],
            check=True,
            timeout=30,
        )  # fmt: skip

    def sent_and_stored(payload: str) -> bool:
        send(payload)  # before the subscription stands, the broker drops it
        return payload.encode() in payloads()

    def payloads() -> list[bytes]:
        return [message.payload for message in inbox.after(0, 1000)]

    def run() -> tuple[InboxWriter, BrokerClient]:
        writer = InboxWriter(inbox.path, lambda: None)
        writer.start()
        client = BrokerClient(address, writer, "beffroi-test")
        client.start()
        return writer, client

    writer, client = run()
    wait_for(lambda: sent_and_stored("here"))
    client.stop()
    writer.stop()
    send("while away")
    writer, client = run()
    wait_for(lambda: b"while away" in payloads())
    broker()
    wait_for(lambda: sent_and_stored("after its restart"))
    client.stop()
    writer.stop()
    (message, *_) = inbox.after(0, 1)
    assert (message.source, message.device) == ("broker", "meter-7")


@peer
def test_the_broker_is_not_answered_before_the_inbox_has_the_message(
    broker: Callable[[], int], inbox: Inbox
) -> None:
    """A process that dies between the two finds the message again."""
    port = broker()
    address = BrokerAddress.parse(f"mqtt://127.0.0.1:{port}")
    deaf = InboxWriter(inbox.path, lambda: None)  # never started: stores nothing
    client = BrokerClient(address, deaf, "beffroi-test")
    client.start()
    wait_for(lambda: client._client.is_connected())
    time.sleep(0.2)  # for the subscription; without it the message below is sent in vain
    subprocess.run(
        [program("mosquitto_pub"), "-p", str(port), "-q", "1", "-t", "v1/m/x", "-m", "kept"],
        check=True,
        timeout=30,
    )
    wait_for(lambda: deaf.backlog > 0)
    client.stop()
    writer = InboxWriter(inbox.path, lambda: None)
    writer.start()
    second = BrokerClient(address, writer, "beffroi-test")
    second.start()
    wait_for(lambda: [m.payload for m in inbox.after(0, 10)] == [b"kept"])
    second.stop()
    writer.stop()


@pytest.mark.parametrize(
    ("topic", "device"),
    [
        ("v1/meter-7/readings", "meter-7"),
        ("town/v1/meter-7/readings", "meter-7"),
        ("v3/app@tenant/devices/eui-70b3/up", "eui-70b3"),
        ("application/12/device/70b3d5/event/up", "70b3d5"),
        ("zigbee2mqtt/kitchen", "kitchen"),
        ("tele/pump/SENSOR", "pump"),
        ("something/else", "something/else"),
    ],
)
def test_the_device_is_found_in_the_topic(topic: str, device: str) -> None:
    assert device_in(topic) == device


def test_broker_addresses() -> None:
    address = BrokerAddress.parse("mqtts://user:p%40ss@broker.example/a/b")
    assert address == BrokerAddress("broker.example", 8883, True, "user", "p@ss", "a/b")
    assert address.subscription == "a/b/#"
    assert BrokerAddress.parse("mqtt://h:1").subscription == "#"


@pytest.mark.parametrize("url", ["http://h", "mqtt://", "h:1883"])
def test_broker_addresses_that_are_none(url: str) -> None:
    with pytest.raises(ValueError, match="BEFFROI_MQTT_URL"):
        BrokerAddress.parse(url)
