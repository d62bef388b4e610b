"""The request head, checked before anything else looks at it.

Two readings must agree: a strict grammar of our own (one regular expression over the whole
block) and llhttp. What only one of them accepts is refused, because a head that two programs
read differently is how one visitor's request ends up inside another's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import httptools

END_OF_HEAD = b"\r\n\r\n"
TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"

_REQUEST_LINE = re.compile(rb"(" + TOKEN + rb") ([!-~]+) HTTP/(\d)\.(\d)\r\n")
_FIELDS = re.compile(rb"(?:" + TOKEN + rb":[\t\x20-\x7e\x80-\xff]*\r\n)*\r\n")
_HOST = re.compile(rb"(?:[A-Za-z0-9._\-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
_BARE_LINE_FEED = re.compile(rb"(?<!\r)\n")
_REFUSED_METHODS = frozenset({b"CONNECT", b"TRACE", b"PRI"})


class BadHead(Exception):
    """A head that is refused: the status to answer and the reason in words."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(slots=True)
class RequestHead:
    method: bytes
    target: bytes
    path: bytes
    query: bytes
    minor: int
    """0 for HTTP/1.0, 1 for HTTP/1.1."""
    headers: list[tuple[bytes, bytes]]
    """Names in lower case, values without surrounding blanks, in the order received."""
    host: bytes
    content_length: int
    keep_alive: bool
    expects_continue: bool

    def get(self, name: bytes) -> bytes | None:
        for key, value in self.headers:
            if key == name:
                return value
        return None

    def all(self, name: bytes) -> list[bytes]:
        return [value for key, value in self.headers if key == name]


class _Collector:
    """What llhttp hears in the head."""

    def __init__(self) -> None:
        self.url = b""
        self.headers: list[tuple[bytes, bytes]] = []

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value.strip(b" \t")))


def check_partial(buffer: bytes | bytearray) -> None:
    """Refuse at once what can no longer become a good head, instead of waiting for its end."""
    if _BARE_LINE_FEED.search(buffer):
        raise BadHead(400, "line feed without carriage return")


def parse(head: bytes, max_headers: int = 100, max_target: int = 8192) -> RequestHead:
    """Read one head, from the request line to the empty line included, or raise BadHead."""
    line = _REQUEST_LINE.match(head)
    if line is None:
        raise BadHead(400, "malformed request line")
    method, target, major, minor = line.groups()
    if (major, minor) not in {(b"1", b"0"), (b"1", b"1")}:
        raise BadHead(505, "only HTTP/1.0 and HTTP/1.1 are spoken here")
    if method in _REFUSED_METHODS:
        raise BadHead(405, "method not allowed")
    if not target.startswith(b"/"):
        raise BadHead(400, "the target must be a path")
    if b"#" in target:
        raise BadHead(400, "the target carries a fragment")
    if len(target) > max_target:
        raise BadHead(414, "the address is too long")
    if _FIELDS.fullmatch(head, line.end()) is None:
        raise BadHead(400, "malformed header")
    headers = _second_reading(head, method, target)
    if len(headers) > max_headers:
        raise BadHead(431, "too many headers")
    return _checked(method, target, int(minor), headers)


def _second_reading(head: bytes, method: bytes, target: bytes) -> list[tuple[bytes, bytes]]:
    collector = _Collector()
    parser = httptools.HttpRequestParser(collector)
    try:
        parser.feed_data(head)
    except httptools.HttpParserUpgrade:
        pass  # llhttp stops at an upgrade; none is offered here and the header is dropped later
    except httptools.HttpParserInvalidMethodError:
        raise BadHead(501, "unknown method") from None
    except httptools.HttpParserError as error:
        raise BadHead(400, str(error).lower()) from None
    lines = head.count(b"\r\n") - 2
    if len(collector.headers) != lines or collector.url != target or parser.get_method() != method:
        raise BadHead(400, "ambiguous head")
    return collector.headers


def _checked(
    method: bytes, target: bytes, minor: int, headers: list[tuple[bytes, bytes]]
) -> RequestHead:
    hosts: list[bytes] = []
    lengths: list[bytes] = []
    encodings: list[bytes] = []
    expectation = b""
    connection = b""
    for name, value in headers:
        if name == b"host":
            hosts.append(value)
        elif name == b"content-length":
            lengths.append(value)
        elif name == b"transfer-encoding":
            encodings.append(value)
        elif name == b"expect":
            expectation = value.lower()
        elif name == b"connection":
            connection += b"," + value.lower()
    path, _, query = target.partition(b"?")
    wishes = [wish.strip() for wish in connection.split(b",")]
    return RequestHead(
        method=method,
        target=target,
        path=path,
        query=query,
        minor=minor,
        headers=headers,
        host=_host(hosts, minor),
        content_length=_length(lengths, encodings),
        # HTTP/1.0 is answered once and closed: its keep-alive was never standard.
        keep_alive=minor == 1 and b"close" not in wishes,
        expects_continue=_expectation(expectation, minor),
    )


def _host(hosts: list[bytes], minor: int) -> bytes:
    if not hosts and minor == 0:
        return b"localhost"
    if len(hosts) != 1:
        raise BadHead(400, "no Host" if not hosts else "two Host")
    if _HOST.fullmatch(hosts[0]) is None:
        raise BadHead(400, "malformed Host")
    return hosts[0]


def _length(lengths: list[bytes], encodings: list[bytes]) -> int:
    if encodings:
        if lengths:
            raise BadHead(400, "Content-Length and Transfer-Encoding together")
        if [encoding.strip().lower() for encoding in encodings] == [b"chunked"]:
            raise BadHead(411, "send the body with a Content-Length")
        raise BadHead(501, "unknown Transfer-Encoding")
    if not lengths:
        return 0
    if len(lengths) > 1:
        raise BadHead(400, "two Content-Length")
    if not lengths[0].isdigit() or len(lengths[0]) > 15:
        raise BadHead(400, "malformed Content-Length")
    return int(lengths[0])


def _expectation(expectation: bytes, minor: int) -> bool:
    if not expectation:
        return False
    if expectation != b"100-continue":
        raise BadHead(417, "unknown expectation")
    return minor == 1
