"""The way to web: one unix-socket connection per client connection, never shared.

Because a connection to web serves one client only, no answer can reach another visitor, even
if the framing of a request were misread.
"""

from __future__ import annotations

import asyncio
from typing import Protocol, cast

import httptools

from beffroi.base.live.heads import RequestHead

_DROPPED_FROM_REQUEST = frozenset(
    {
        b"connection", b"content-length", b"expect", b"forwarded", b"host", b"keep-alive",
        b"proxy-authenticate", b"proxy-authorization", b"proxy-connection", b"te", b"trailer",
        b"transfer-encoding", b"upgrade", b"x-real-ip",
    }
)  # fmt: skip
_DROPPED_FROM_RESPONSE = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-connection",
        b"server",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
_SAYS_FORWARDED = frozenset({b"x-forwarded-for", b"x-real-ip", b"forwarded", b"via"})
_METHODS_WITH_BODY = frozenset({b"POST", b"PUT", b"PATCH"})


class Asker(Protocol):
    """Who asked, and receives the answer as it comes."""

    def send(self, data: bytes) -> None: ...
    def response_started(self, status: int) -> bool:
        """Told once per answer; says whether the client's connection stays open after it."""

    def response_done(self) -> None: ...
    def upstream_lost(self) -> None: ...
    def pause_request(self) -> None: ...
    def resume_request(self) -> None: ...


def request_bytes(head: RequestHead, address: str, scheme: bytes) -> bytes:
    """The head as web receives it: nothing of what a stranger claims about where it comes from.

    Names with `_` go too, because WSGI cannot tell `X_Forwarded_For` from `X-Forwarded-For`.
    That somebody else forwarded it is told (`unknown`, RFC 7239), since a server on this
    machine may speak for the whole world.
    """
    named: set[bytes] = set()
    for value in head.all(b"connection"):
        named.update(option.strip().lower() for option in value.split(b","))
    lines = [b"%b %b HTTP/1.1\r\nHost: %b\r\n" % (head.method, head.target, head.host)]
    for name, value in head.headers:
        if (
            name not in _DROPPED_FROM_REQUEST
            and name not in named
            and not name.startswith(b"x-forwarded")
            and b"_" not in name
        ):
            lines.append(b"%b: %b\r\n" % (name, value))
    if head.content_length or head.method in _METHODS_WITH_BODY:
        lines.append(b"Content-Length: %d\r\n" % head.content_length)
    seen = address.encode("ascii", "replace")
    if any(name in _SAYS_FORWARDED for name, _ in head.headers):
        seen = b"unknown, " + seen
    lines.append(b"X-Forwarded-For: %b\r\nX-Forwarded-Proto: %b\r\n\r\n" % (seen, scheme))
    return b"".join(lines)


class Upstream(asyncio.Protocol):
    """One connection to web, and the answer that is coming through it."""

    __slots__ = (
        "_asker", "_chunked", "_head", "_headers", "_interim", "_parser", "_reason", "_until_close",
        "answered", "busy", "lost", "started", "transport",
    )  # fmt: skip

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self.transport: asyncio.Transport | None = None
        self.busy = False
        self.started = False
        self.lost = False
        self.answered = 0
        """How many answers came through: 0 on a connection that was never used before."""

    def begin(self, head: RequestHead, data: bytes) -> None:
        """Send a request; the answer goes to the client as it comes."""
        self._head = head
        self._parser = httptools.HttpResponseParser(self)
        self._headers: list[tuple[bytes, bytes]] = []
        self._reason = b""
        self._chunked = False
        self._until_close = False
        self._interim = False
        self.busy = True
        self.started = False
        self.send(data)

    def send(self, data: bytes) -> None:
        if self.transport is not None and not self.lost:
            self.transport.write(data)

    def close(self) -> None:
        """Leave without another word to the client."""
        self.busy = False
        if self.transport is not None and not self.lost:
            self.transport.abort()

    def pause_reading(self) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.resume_reading()

    # asyncio ------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if not self.busy:
            self.close()  # nothing was asked
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            if self.busy:
                self._give_up()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self.lost = True
        if not self.busy:
            return
        if self.started and self._until_close and error is None:
            self._complete()
        else:
            self._give_up()

    def pause_writing(self) -> None:
        self._asker.pause_request()

    def resume_writing(self) -> None:
        self._asker.resume_request()

    def _give_up(self) -> None:
        self.busy = False
        if self.transport is not None and not self.lost:
            self.transport.abort()
        self._asker.upstream_lost()

    # llhttp -------------------------------------------------------------------------------

    def on_status(self, reason: bytes) -> None:
        self._reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:
            self._interim = True
            return
        head = self._head
        without_body = head.method == b"HEAD" or status in {204, 304}
        sized = False
        lines = [b"HTTP/1.1 %d %b\r\n" % (status, self._reason)]
        for name, value in self._headers:
            lowered = name.lower()
            if lowered == b"content-length":
                sized = True
            if lowered not in _DROPPED_FROM_RESPONSE:
                lines.append(b"%b: %b\r\n" % (name, value))
        unsized = not (without_body or sized)
        self._chunked = unsized and head.minor == 1
        self._until_close = unsized and not any(
            name.lower() == b"transfer-encoding" for name, _ in self._headers
        )
        self.started = True
        stays_open = self._asker.response_started(status)
        if self._chunked:
            lines.append(b"Transfer-Encoding: chunked\r\n")
        if not stays_open or (unsized and not self._chunked):
            lines.append(b"Connection: close\r\n")
        lines.append(b"\r\n")
        self._asker.send(b"".join(lines))
        if without_body:
            self._complete()

    def on_body(self, data: bytes) -> None:
        if not self.busy:
            return
        self._asker.send(b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data)

    def on_message_complete(self) -> None:
        if self._interim:
            self._interim = False
            self._headers = []
            self._reason = b""
        elif self.busy:
            self._complete()

    def _complete(self) -> None:
        self.busy = False
        self.answered += 1
        if self._chunked:
            self._asker.send(b"0\r\n\r\n")
        if self._head.method != b"HEAD" and not self._parser.should_keep_alive():
            self.close()
        self._asker.response_done()
