"""One HTTP/1 connection as a server sees it: heads, bodies, deadlines, and a clean end.

What is answered is the business of `front.Front`, which builds on this class.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from beffroi.base.live import answers, heads
from beffroi.base.live.heads import BadHead, RequestHead

if TYPE_CHECKING:
    from beffroi.base.live.server import Server

# What the connection is doing.
HEAD = "reading a head"
GATHER = "gathering a short body"
SEND = "passing a long body on"
WAIT = "waiting for the answer"
STREAM = "event stream"
LINGER = "closing"

# Why reading is paused.
FULL_UPSTREAM = 1
CONNECTING = 2
PIPELINED = 4

PIPELINED_BYTES = 64 * 1024


class HttpConnection(asyncio.Protocol):
    __slots__ = (
        "_body", "_body_since", "_buffer", "_buffered_before", "_gathered", "_half_closed", "_head",
        "_paused", "_phase", "_remaining", "_scanned", "_secure", "_server", "_stays_open",
        "_transport", "_write_paused", "deadline",
    )  # fmt: skip

    def __init__(self, server: Server) -> None:
        self._server = server
        self._phase = HEAD
        self._buffer = bytearray()
        self._scanned = 0
        self._remaining = 0
        self._paused = 0
        self._secure = False
        self._half_closed = False
        self._write_paused = False
        self._buffered_before = 0
        self._stays_open = True
        self.deadline = math.inf

    # What the front decides ---------------------------------------------------------------

    def handle(self, head: RequestHead) -> None:
        """Answer a request, now or later."""
        raise NotImplementedError

    def body_part(self, data: bytes) -> None:
        """Receive part of a body that is passed on."""
        raise NotImplementedError

    def release(self) -> None:
        """Give back what the request held elsewhere."""
        raise NotImplementedError

    def give_back_upstream(self, idle_since: float) -> None:
        """Close what this connection holds at web and has not used since."""

    def answer_late(self) -> None:
        """The answer did not come in time."""
        raise NotImplementedError

    # asyncio ------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=self._server.settings.client_buffer)
        self._secure = transport.get_extra_info("sslcontext") is not None
        self.deadline = self._server.now() + self._server.settings.head_deadline
        self._server.connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._server.connections.discard(self)
        self.release()

    def eof_received(self) -> bool:
        if self._phase is WAIT and not self._secure:
            # The client has said everything and still waits for its answer.
            self._half_closed = True
            return True
        return False

    def pause_writing(self) -> None:
        self._write_paused = True

    def resume_writing(self) -> None:
        self._write_paused = False

    def data_received(self, data: bytes) -> None:
        phase = self._phase
        if phase is SEND and not self._buffer:
            self._pass_on(data)
            return
        if phase is LINGER or phase is STREAM:
            return
        if phase is HEAD and not self._buffer:
            self.deadline = self._server.now() + self._server.settings.head_deadline
        self._buffer += data
        if phase is HEAD:
            self._advance()
        elif phase is GATHER:
            self._gather()
        elif len(self._buffer) > PIPELINED_BYTES:
            self._pause(PIPELINED)

    # Heads --------------------------------------------------------------------------------

    def _advance(self) -> None:
        """Treat the requests that lie in the buffer, one after the other."""
        settings = self._server.settings
        try:
            while self._phase is HEAD and self._buffer:
                if self._buffer.startswith(b"\r\n"):
                    del self._buffer[:2]  # RFC 9112, 2.2: an empty line before a request is ignored
                    continue
                end = self._buffer.find(heads.END_OF_HEAD, self._scanned) + len(heads.END_OF_HEAD)
                unfinished = end < len(heads.END_OF_HEAD)
                if (len(self._buffer) if unfinished else end) > settings.max_head:
                    raise BadHead(431, f"the head is longer than {settings.max_head} bytes")
                if unfinished:
                    heads.check_partial(self._buffer)
                    self._scanned = max(0, len(self._buffer) - len(heads.END_OF_HEAD) + 1)
                    break
                self._head = heads.parse(bytes(self._buffer[:end]), settings.max_headers)
                del self._buffer[:end]
                self._scanned = 0
                self._stays_open = self._head.keep_alive and not self._server.closing
                self._server.figures.requests += 1
                self.handle(self._head)
            if self._half_closed and self._phase is HEAD:
                self._linger()  # no other request will come
        except BadHead as error:
            self._server.figures.refused_heads += 1
            self._refuse(error.status, error.reason)

    # Bodies -------------------------------------------------------------------------------

    def _expect_body(self) -> None:
        if self._head.content_length and self._head.expects_continue:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._remaining = self._head.content_length
        self._restart_body_clock()

    def _restart_body_clock(self) -> None:
        self._body_since = self._server.now()
        self._extend_for_body()

    def _extend_for_body(self) -> None:
        """Some patience, then an average rate: a body must keep coming."""
        settings = self._server.settings
        received = self._head.content_length - self._remaining
        self.deadline = self._body_since + settings.body_deadline + received / settings.body_rate

    def _gather_then(self, then: Callable[[bytes], None]) -> None:
        self._phase = GATHER
        self._body = bytearray()
        self._gathered = then
        self._gather()

    def _gather(self) -> None:
        taken = self._buffer[: self._remaining]
        del self._buffer[: len(taken)]
        self._body += taken
        self._remaining -= len(taken)
        if self._remaining == 0:
            body, self._body = bytes(self._body), bytearray()
            self._gathered(body)
        elif self._half_closed:
            self._linger()
        else:
            self._extend_for_body()

    def _pass_waiting_body(self) -> None:
        """Web listens: the long body may come."""
        self._phase = SEND
        self._restart_body_clock()
        waiting, self._buffer = bytes(self._buffer), bytearray()
        self._resume(CONNECTING | PIPELINED)
        self._pass_on(waiting)

    def _pass_on(self, data: bytes) -> None:
        if len(data) > self._remaining:
            self._buffer += data[self._remaining :]
            data = data[: self._remaining]
        self._remaining -= len(data)
        self._extend_for_body()
        self.body_part(data)
        if self._remaining == 0 and self._phase is SEND:
            self._wait()

    def _wait(self) -> None:
        self._phase = WAIT
        self.deadline = self._server.now() + self._server.settings.answer_deadline

    # Ends ---------------------------------------------------------------------------------

    def _answer(self, status: int, body: bytes, content_type: str) -> None:
        if self._head.content_length and self._phase is HEAD:
            self._stays_open = False  # a body nobody will read
        self._server.figures.count(status)
        with_body = self._head.method != b"HEAD"
        self._transport.write(
            answers.answer(
                status, body, content_type, keep_alive=self._stays_open, with_body=with_body
            )
        )
        self._next()

    def _refuse(self, status: int, reason: str, retry_after: int = 0, allow: str = "") -> None:
        self._end_with(status, answers.refusal(status, reason, retry_after, allow))

    def _end_with(self, status: int, last_words: bytes) -> None:
        self._server.figures.count(status)
        self._transport.write(last_words)
        self._linger()

    def _next(self) -> None:
        """The answer is complete: ready for the next request, or closing."""
        if self._stays_open and (self._buffer or not self._half_closed):
            self._phase = HEAD
            self.deadline = self._server.now() + self._server.settings.idle_deadline
            self._resume(PIPELINED)
        else:
            self._linger()

    def _linger(self) -> None:
        """Say that nothing more comes, then read on for a moment.

        Closing at once would reset the connection while the client still sends, and it would
        never see its answer.
        """
        self.release()
        self._phase = LINGER
        self._buffer.clear()
        self.deadline = self._server.now() + self._server.settings.linger
        self._resume(self._paused)
        if self._half_closed:
            self._transport.close()
        elif not self._secure and not self._transport.is_closing():
            self._transport.write_eof()

    def expired(self) -> None:
        """The deadline has passed."""
        waiting = self._transport.get_write_buffer_size()
        if waiting and waiting != self._buffered_before:
            self._buffered_before = waiting  # slow, but reading
            self.deadline = self._server.now() + self._server.settings.answer_deadline
            return
        self._server.figures.deadlines += 1
        if self._phase is HEAD and self._buffer:
            self._refuse(408, "the head took too long")
        elif self._phase is HEAD:
            self._phase = LINGER
            self.deadline = self._server.now() + self._server.settings.linger
            self._transport.close()
        elif self._phase is GATHER or (self._phase is SEND and not self._paused):
            self._refuse(408, "the body took too long")
        elif self._phase is LINGER:
            self._transport.abort()
        elif self._phase is STREAM:
            self._linger()
        else:
            self.answer_late()

    def stop(self) -> None:
        """The server stops: idle ones and streams close now, busy ones after their answer."""
        self._stays_open = False
        if self._phase is STREAM or (self._phase is HEAD and not self._buffer):
            self.release()
            self._transport.close()

    def abort(self) -> None:
        self._transport.abort()

    def _pause(self, reason: int) -> None:
        if not self._paused and not self._transport.is_closing():
            self._transport.pause_reading()
        self._paused |= reason

    def _resume(self, reason: int) -> None:
        if self._paused & reason:
            self._paused &= ~reason
            if not self._paused and not self._transport.is_closing():
                self._transport.resume_reading()
