"""The front door: decides for each request whether the hub, `live` itself or web answers it."""

from __future__ import annotations

import asyncio
import math
import time
from typing import TYPE_CHECKING

from beffroi.base.live import answers, protocol
from beffroi.base.live.connection import (
    CONNECTING,
    FULL_UPSTREAM,
    HEAD,
    SEND,
    STREAM,
    WAIT,
    HttpConnection,
)
from beffroi.base.live.exchange import Exchange
from beffroi.base.live.forwarder import request_bytes
from beffroi.base.live.heads import RequestHead
from beffroi.base.live.hub import NotStored, Subscriber
from beffroi.base.live.protocol import Refused
from beffroi.base.live.tokens import Claims

if TYPE_CHECKING:
    from beffroi.base.live.server import Server

GATHERED_BODY = 256 * 1024
"""A body up to this size is gathered first, so that a slow client never holds a thread of web."""


class Front(HttpConnection):
    """One client connection. `internal`: it came by the private unix socket."""

    __slots__ = (
        "_address", "_counted", "_exchange", "_internal", "_peer", "_subscriber", "_task", "_uploads",
    )  # fmt: skip

    def __init__(self, server: Server, internal: bool = False) -> None:
        super().__init__(server)
        self._internal = internal
        self._counted = False
        self._exchange: Exchange | None = None
        self._subscriber: Subscriber | None = None
        self._task: asyncio.Task[None] | None = None
        self._uploads = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._peer = self._address = ""
        if self._internal:
            return
        self._peer = self._address = str(transport.get_extra_info("peername")[0])
        if len(self._server.connections) > self._server.settings.max_connections:
            self._refuse(503, "too many connections", retry_after=5)
        elif not self._server.limits.enter(self._peer):
            self._refuse(429, "too many connections from this address", retry_after=5)
        else:
            self._counted = True

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        if self._counted:
            self._server.limits.leave(self._peer)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._subscriber is not None:
            self._server.hub.blocked(self._subscriber)
        elif self._exchange is not None:
            self._exchange.pause_answer()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._subscriber is not None:
            self._subscriber.has_room_again()
        elif self._exchange is not None:
            self._exchange.resume_answer()
            if self._phase is WAIT:
                self._wait()

    def release(self) -> None:
        if self._exchange is not None:
            self._exchange.close()
        if self._subscriber is not None:
            self._server.hub.leave(self._subscriber)
            self._subscriber = None
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._upload_over()

    def handle(self, head: RequestHead) -> None:
        server = self._server
        if not self._internal:
            self._address = server.client_address(self._peer, head)
            wait = server.limits.wait_before_request(self._address, server.now())
            if wait:
                self._refuse(429, "too many requests", retry_after=math.ceil(wait))
                return
        if head.path == protocol.HUB_PATH:
            self._hub_request(head)
        elif head.path == b"/live/healthz":
            status, state = (
                (200, b"ok") if server.hub.storing else (503, b"the log cannot be written")
            )
            self._answer(status, b'{"status":"%b"}' % state, "application/json")
        elif self._internal and head.path == b"/metrics":
            self._answer(200, server.metrics(), "text/plain; version=0.0.4; charset=utf-8")
        elif self._internal or head.path.startswith(b"/live/"):
            self._answer(404, b"404 Not Found\n", "text/plain; charset=utf-8")
        elif head.content_length > server.settings.max_body:
            self._refuse(413, f"the body is longer than {server.settings.max_body} bytes")
        elif head.content_length <= GATHERED_BODY:
            self._expect_body()
            self._gather_then(self._forward)
        elif self._may_upload():
            self._expect_body()
            self._forward(b"")
        else:
            self._refuse(503, "too many long uploads at once", retry_after=10)

    def _may_upload(self) -> bool:
        """A body that is passed on as it comes holds a thread of web, however slowly it comes."""
        if self._server.uploads >= self._server.settings.uploads:
            return False
        self._server.uploads += 1
        self._uploads = True
        return True

    def _upload_over(self) -> None:
        if self._uploads:
            self._server.uploads -= 1
            self._uploads = False

    # Web ----------------------------------------------------------------------------------

    def _forward(self, body: bytes) -> None:
        scheme = self._server.scheme(self._peer, self._secure, self._head)
        request = request_bytes(self._head, self._address, scheme) + body
        if self._exchange is None:
            self._exchange = Exchange(
                self, self._server.loop, self._server.settings.upstream_socket
            )
        self._wait()
        if self._remaining:
            self._pause(CONNECTING)
        self._exchange.start(self._head, request, whole=not self._remaining)

    def request_wanted(self) -> None:
        if self._remaining:
            self._pass_waiting_body()

    def body_part(self, data: bytes) -> None:
        if self._exchange is not None:
            self._exchange.send_body(data)

    def send(self, data: bytes) -> None:
        self._transport.write(data)
        self.deadline = self._server.now() + self._server.settings.answer_deadline

    def response_started(self, status: int) -> bool:
        self._server.figures.count(status)
        if self._remaining:
            self._stays_open = False  # answered before the whole body was read
        return self._stays_open

    def response_done(self) -> None:
        self._upload_over()
        self._next()
        self._advance()

    def response_failed(self, cut: bool) -> None:
        if cut:
            self._transport.abort()  # the client must see that its answer is not whole
        else:
            self._end_with(502, answers.unavailable(502, self._head))

    def answer_late(self) -> None:
        if self._exchange is not None and self._exchange.started:
            self._transport.abort()
        else:
            self._end_with(504, answers.unavailable(504, self._head))

    def pause_request(self) -> None:
        self._pause(FULL_UPSTREAM)
        self.deadline = self._server.now() + self._server.settings.answer_deadline

    def resume_request(self) -> None:
        self._resume(FULL_UPSTREAM)
        if self._phase is SEND:
            self._restart_body_clock()

    def give_back_upstream(self, idle_since: float) -> None:
        if self._exchange is not None and self._phase is HEAD:
            self._exchange.close_if_idle_since(idle_since)

    # The hub ------------------------------------------------------------------------------

    def _hub_request(self, head: RequestHead) -> None:
        settings = self._server.settings
        try:
            if head.method == b"GET" and not head.content_length:
                subscription = protocol.read_subscription(head, settings.key, time.time())
                self.release()
                self._phase = STREAM
                self.deadline = math.inf
                self._task = self._server.loop.create_task(self._open_stream(subscription))
            elif head.method == b"POST":
                claims = protocol.check_publisher(head, settings.key, self._internal, time.time())
                if head.content_length > settings.max_publication:
                    raise Refused(413, f"at most {settings.max_publication} bytes")
                self._expect_body()
                self._gather_then(lambda body: self._publish(body, claims))
            else:
                self._refuse(405, "GET to subscribe, POST to publish", allow="GET, POST")
        except Refused as error:
            self._refuse(error.status, error.reason)

    async def _open_stream(self, subscription: protocol.Subscription) -> None:
        hub = self._server.hub
        after: int | None = None
        known: str | None = None
        if subscription.last_event_id is not None:
            after, known = await hub.locate(subscription.last_event_id)
        self._task = None
        self._subscriber = Subscriber(
            subscription.topics, subscription.allowed, self._transport.write, self._transport.abort
        )
        self._transport.write(protocol.stream_head(known))
        hub.join(self._subscriber, after)
        if subscription.expires is not None:
            self.deadline = self._server.now() + subscription.expires - time.time()

    def _publish(self, body: bytes, claims: Claims | None) -> None:
        try:
            event = protocol.read_publication(body, claims)
        except Refused as error:
            self._refuse(error.status, error.reason)
            return
        self._wait()
        self._server.hub.publish(event).add_done_callback(self._published)

    def _published(self, stored: asyncio.Future[str]) -> None:
        error = stored.exception()
        if self._transport.is_closing() or self._phase is not WAIT:
            return
        if isinstance(error, NotStored):
            self._refuse(503, "not stored; publish again with the same id", retry_after=2)
        else:
            self._answer(200, stored.result().encode(), "text/plain; charset=utf-8")
            self._advance()
