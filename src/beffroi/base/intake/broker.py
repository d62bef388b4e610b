"""Messages from an external broker: acknowledged to it only after the inbox has them. No Django."""

from __future__ import annotations

import logging
import re
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from beffroi.base.intake.inbox import Entry, now_ms
from beffroi.base.intake.writer import InboxWriter

log = logging.getLogger("beffroi.intake")

#: Where usual networks put a device's name into the topic: ours, The Things Stack, ChirpStack,
#: Zigbee2MQTT and Tasmota (`tele/NAME/SENSOR`).
_DEVICE = re.compile(
    r"(?:^|/)(?:v1|devices?|zigbee2mqtt|tele)/(?P<device>[^/]+)(?:/|$)",
)
#: With so many bytes waiting for the disk, what was sent with QoS 0 is dropped. QoS 1 holds itself back.
_LARGEST_BACKLOG = 32 * 1024 * 1024


@dataclass(frozen=True)
class BrokerAddress:
    """`mqtt://user:password@host:port/topic-prefix`; `mqtts` for TLS."""

    host: str
    port: int
    tls: bool
    username: str
    password: str
    prefix: str

    @classmethod
    def parse(cls, url: str) -> BrokerAddress:
        """Raises ValueError with what is wrong."""
        parts = urlsplit(url)
        if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname:
            raise ValueError(
                "BEFFROI_MQTT_URL must look like mqtt://user:password@host:port/prefix"
            )
        tls = parts.scheme == "mqtts"
        return cls(
            host=parts.hostname,
            port=parts.port or (8883 if tls else 1883),
            tls=tls,
            username=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            prefix=unquote(parts.path.strip("/")),
        )

    @property
    def subscription(self) -> str:
        return f"{self.prefix}/#" if self.prefix else "#"


def device_in(topic: str) -> str:
    """The device a topic speaks of; the whole topic when it follows no known pattern."""
    found = _DEVICE.search(topic)
    return found["device"] if found else topic


class BrokerClient:
    """A lasting session (QoS 1): the broker keeps what comes while we are away."""

    def __init__(self, address: BrokerAddress, writer: InboxWriter, client_id: str) -> None:
        self._address = address
        self._writer = writer
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=False, manual_ack=True
        )
        if address.username:
            self._client.username_pw_set(address.username, address.password)
        if address.tls:
            self._client.tls_set_context(ssl.create_default_context())
        self._client.reconnect_delay_set(1, 60)
        self._client.on_connect = self._connected
        self._client.on_disconnect = self._disconnected
        self._client.on_message = self._received

    def start(self) -> None:
        """Connect, now or as soon as the broker answers."""
        self._client.connect_async(self._address.host, self._address.port, keepalive=30)
        self._client.loop_start()

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def stored(self, receipts: list[tuple[int, int]]) -> None:
        """Called from the writer's thread after a commit."""
        for message_id, qos in receipts:
            if qos:
                self._client.ack(message_id, qos)

    def _connected(
        self, client: paho.Client, userdata: Any, flags: Any, reason: ReasonCode, properties: Any
    ) -> None:
        if reason.is_failure:
            log.error("the broker %s refuses: %s", self._address.host, reason)
            return
        log.info("connected to the broker %s", self._address.host)
        client.subscribe(self._address.subscription, qos=1)

    def _disconnected(
        self, client: paho.Client, userdata: Any, flags: Any, reason: ReasonCode, properties: Any
    ) -> None:
        if reason.is_failure:
            log.warning("the broker %s is away: %s", self._address.host, reason)

    def _received(self, client: paho.Client, userdata: Any, message: paho.MQTTMessage) -> None:
        if not message.qos and self._writer.backlog > _LARGEST_BACKLOG:
            return  # sent without asking for delivery, and the disk does not follow
        entry = Entry(
            "broker", device_in(message.topic), message.topic, bytes(message.payload), now_ms()
        )
        self._writer.put(self, (message.mid, message.qos), [entry])
