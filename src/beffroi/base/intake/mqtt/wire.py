"""How MQTT writes numbers, texts and packet frames (MQTT 5, sections 1.5 and 2.1)."""

from __future__ import annotations

from dataclasses import dataclass

MALFORMED = 0x81
PROTOCOL_ERROR = 0x82
TOO_LARGE = 0x95


class MqttError(Exception):
    """The peer broke the rules; `reason` is MQTT 5's code for it."""

    def __init__(self, message: str, reason: int = MALFORMED) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(slots=True)
class Reader:
    """Reads one field after the other; a field beyond the end is malformed."""

    data: bytes
    at: int = 0

    @property
    def rest(self) -> int:
        return len(self.data) - self.at

    def take(self, count: int) -> bytes:
        end = self.at + count
        if end > len(self.data):
            raise MqttError("the packet ends within a field")
        found = self.data[self.at : end]
        self.at = end
        return found

    def byte(self) -> int:
        return self.take(1)[0]

    def two_bytes(self) -> int:
        return int.from_bytes(self.take(2), "big")

    def four_bytes(self) -> int:
        return int.from_bytes(self.take(4), "big")

    def variable(self) -> int:
        value = shift = 0
        for _ in range(4):
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
        raise MqttError("a variable byte integer is longer than four bytes")

    def binary(self) -> bytes:
        return self.take(self.two_bytes())

    def text(self) -> str:
        raw = self.binary()
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise MqttError("a text is not UTF-8") from error
        if "\0" in text:
            raise MqttError("a text contains U+0000")
        return text

    def packet_id(self) -> int:
        number = self.two_bytes()
        if number == 0:
            raise MqttError("packet identifier 0", PROTOCOL_ERROR)
        return number

    def end(self) -> None:
        if self.at != len(self.data):
            raise MqttError("the packet is longer than its fields")


def variable(value: int) -> bytes:
    """Variable byte integer; raises ValueError above 268,435,455."""
    if not 0 <= value <= 268_435_455:
        raise ValueError(value)
    written = bytearray()
    while True:
        value, low = value >> 7, value & 0x7F
        if not value:
            written.append(low)
            return bytes(written)
        written.append(low | 0x80)


def binary(value: bytes) -> bytes:
    return len(value).to_bytes(2, "big") + value


def text(value: str) -> bytes:
    return binary(value.encode("utf-8"))


def frame(first: int, body: bytes) -> bytes:
    """A whole packet from its first byte and what follows the length."""
    return bytes([first]) + variable(len(body)) + body


class Framer:
    """Cuts a stream of bytes into packets. `limit` may be raised between packets."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._data = bytearray()
        self._at = 0

    def feed(self, data: bytes) -> None:
        if self._at:
            del self._data[: self._at]
            self._at = 0
        self._data += data

    def next(self) -> tuple[int, bytes] | None:
        """First byte and body of the next whole packet, or None. Raises MqttError."""
        data, start = self._data, self._at
        length = shift = 0
        at = start + 1
        while True:
            if at >= len(data):
                return None
            byte = data[at]
            at += 1
            length |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
            shift += 7
            if shift > 21:
                raise MqttError("the length of a packet is longer than four bytes")
        if at - start + length > self.limit:
            raise MqttError(f"a packet is larger than {self.limit} bytes", TOO_LARGE)
        if at + length > len(data):
            return None
        self._at = at + length
        return data[start], bytes(data[at : at + length])
