"""What comes in from devices: the MQTT listener, the external broker, and who deals with it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import signal
import socket
import ssl
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import django
import uvloop

from beffroi.project.services.worker import end_process

if TYPE_CHECKING:
    from beffroi.base.intake.consumer import Consumer
    from beffroi.base.intake.mqtt.listener import Limits, Listener


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beffroi.project.settings")
    threading.excepthook = end_process
    django.setup()
    uvloop.run(serve())


async def serve() -> None:
    """Run until TERM: then take nothing more in, acknowledge what is stored, and end."""
    from beffroi.base.intake.broker import BrokerAddress, BrokerClient
    from beffroi.base.intake.consumer import Consumer
    from beffroi.base.intake.inbox import Inbox
    from beffroi.base.intake.mqtt.listener import Limits, Listener
    from beffroi.base.intake.writer import InboxWriter
    from beffroi.project.configuration import Installation, value

    installation = Installation.from_environment()
    installation.create_folders()
    path = installation.data / "inbox.sqlite3"
    keys = Inbox(path)
    consumer = Consumer(path)
    writer = InboxWriter(path, consumer.wake)
    listener = Listener(writer, keys.key_of, _limits(Limits()))
    consuming = threading.Thread(target=consumer.run, name="consumer")

    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    writer.start()
    consuming.start()
    broker = None
    if url := value("BEFFROI_MQTT_URL"):
        name = hashlib.sha256(installation.secret("broker").encode()).hexdigest()[:12]
        broker = BrokerClient(BrokerAddress.parse(url), writer, f"beffroi-{name}")
        broker.start()
    wake_ups = _listen_for_wake_ups(installation.run, consumer, listener)
    await listener.start(value("BEFFROI_MQTT_HOST"), installation.mqtt_port, _tls())

    watch = loop.create_task(_recheck_keys(listener))
    await ended.wait()
    watch.cancel()
    await listener.stop_reading()
    if broker is not None:
        broker.stop()
    await loop.run_in_executor(None, writer.stop)
    await listener.close()
    consumer.stop()
    await loop.run_in_executor(None, consuming.join)
    loop.remove_reader(wake_ups)
    wake_ups.close()
    keys.close()


def _limits(usual: Limits) -> Limits:
    from beffroi.project.configuration import value

    rate = float(value("BEFFROI_MQTT_RATE"))
    return replace(usual, rate=rate, burst=max(usual.burst, 20 * rate))


def _tls() -> ssl.SSLContext | None:
    from beffroi.project.configuration import value

    certificate = value("BEFFROI_MQTT_TLS_CERT")
    if not certificate:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, value("BEFFROI_MQTT_TLS_KEY") or None)
    return context


async def _recheck_keys(listener: Listener) -> None:
    """Should the wake-up about a revoked key be lost."""
    while True:
        await asyncio.sleep(300)
        listener.recheck_keys()


def _listen_for_wake_ups(run: Path, consumer: Consumer, listener: Listener) -> socket.socket:
    from beffroi.base.intake.wake import KEYS, socket_path

    path = socket_path(run)
    path.unlink(missing_ok=True)
    receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    receiver.setblocking(False)
    receiver.bind(str(path))

    def woken() -> None:
        said = b""
        with contextlib.suppress(BlockingIOError):
            while byte := receiver.recv(16):
                said += byte
        consumer.wake()
        if KEYS in said:
            listener.recheck_keys()

    asyncio.get_running_loop().add_reader(receiver, woken)
    return receiver


if __name__ == "__main__":
    main()
