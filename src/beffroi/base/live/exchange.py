"""Requests of one client connection on their way to web: connect, reuse, try once more."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path
from typing import Protocol

from beffroi.base.live.forwarder import Upstream
from beffroi.base.live.heads import RequestHead

_REPEATABLE = frozenset({b"GET", b"HEAD", b"OPTIONS"})


class Client(Protocol):
    """What an exchange needs of the client's connection."""

    def request_wanted(self) -> None:
        """Web listens: the rest of a long body may come."""

    def send(self, data: bytes) -> None: ...
    def response_started(self, status: int) -> bool:
        """Told once per answer; says whether the connection stays open after it."""

    def response_done(self) -> None: ...
    def response_failed(self, cut: bool) -> None:
        """No answer will come; `cut`: part of it was already sent."""

    def pause_request(self) -> None: ...
    def resume_request(self) -> None: ...


class Exchange:
    """At most one request at a time, over at most one connection to web."""

    __slots__ = (
        "_client",
        "_head",
        "_idle_since",
        "_loop",
        "_path",
        "_repeat",
        "_request",
        "_slow",
        "_task",
        "_upstream",
    )

    def __init__(self, client: Client, loop: asyncio.AbstractEventLoop, path: Path) -> None:
        self._client = client
        self._loop = loop
        self._path = str(path)
        self._upstream: Upstream | None = None
        self._task: asyncio.Task[None] | None = None
        self._idle_since = math.inf
        self._slow = False
        self._repeat = False
        self._request = b""

    @property
    def started(self) -> bool:
        """Whether part of the answer has been sent to the client."""
        return self._upstream is not None and self._upstream.started

    def start(self, head: RequestHead, request: bytes, whole: bool) -> None:
        """Send a request; `whole` says that its body is in it, so that it can be repeated."""
        self._head = head
        self._idle_since = math.inf
        self._repeat = whole and head.method in _REPEATABLE
        if self._upstream is not None and not self._upstream.lost:
            self._begin(self._upstream, request)
        else:
            self._connect(request)

    def send_body(self, data: bytes) -> None:
        if self._upstream is not None:
            self._upstream.send(data)

    def pause_answer(self) -> None:
        self._slow = True
        if self._upstream is not None:
            self._upstream.pause_reading()

    def resume_answer(self) -> None:
        self._slow = False
        if self._upstream is not None:
            self._upstream.resume_reading()

    def close(self) -> None:
        upstream, self._upstream = self._upstream, None
        self._idle_since = math.inf
        if upstream is not None:
            upstream.close()
        if self._task is not None:
            self._task.cancel()

    def close_if_idle_since(self, instant: float) -> None:
        """Web counts connections: an idle one is given back soon."""
        if self._idle_since < instant:
            self.close()

    def _connect(self, request: bytes) -> None:
        self._upstream = Upstream(self)
        self._task = self._loop.create_task(self._open(self._upstream, request))

    async def _open(self, upstream: Upstream, request: bytes) -> None:
        try:
            while True:
                try:
                    await self._loop.create_unix_connection(lambda: upstream, self._path)
                    break
                except BlockingIOError:
                    await asyncio.sleep(0.02)  # web's queue of connections is full: wait for room
        except OSError:
            self._task = self._upstream = None
            self._client.response_failed(cut=False)
            return
        self._task = None
        if self._upstream is upstream:
            self._begin(upstream, request)
        else:
            upstream.close()

    def _begin(self, upstream: Upstream, request: bytes) -> None:
        if self._slow:
            upstream.pause_reading()
        upstream.begin(self._head, request)
        self._request = request if self._repeat else b""
        self._client.request_wanted()

    # What the connection to web reports ---------------------------------------------------

    def send(self, data: bytes) -> None:
        self._client.send(data)

    def response_started(self, status: int) -> bool:
        self._request = b""
        return self._client.response_started(status)

    def response_done(self) -> None:
        if self._upstream is not None and self._upstream.lost:
            self._upstream = None
        self._idle_since = self._loop.time()
        self._client.response_done()

    def upstream_lost(self) -> None:
        upstream, self._upstream = self._upstream, None
        if upstream is None:
            return
        if self._request and upstream.answered:
            # Web closed an idle connection just as it was used again: nothing was done yet.
            request, self._request, self._repeat = self._request, b"", False
            self._connect(request)
        else:
            self._client.response_failed(cut=upstream.started)

    def pause_request(self) -> None:
        self._client.pause_request()

    def resume_request(self) -> None:
        self._client.resume_request()
