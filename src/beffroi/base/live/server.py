"""The process: listens on the public address and on the private socket, keeps the time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import resource
import signal
import socket
import ssl
from dataclasses import dataclass, field, replace
from pathlib import Path

import uvloop

from beffroi.base.live.connection import HttpConnection
from beffroi.base.live.front import Front
from beffroi.base.live.heads import RequestHead
from beffroi.base.live.hub import Hub
from beffroi.base.live.limits import Addresses, AddressLimits, Network, networks, parse_address
from beffroi.base.live.metrics import Figures, exposition

logger = logging.getLogger("beffroi.live")

SPARE_DESCRIPTORS = 200
BACKLOG = 4096
"""The loop's own default of 100 makes a crowd that comes back at once wait for a second."""


@dataclass(frozen=True)
class LiveSettings:
    """All that the process needs to know. Durations in seconds, sizes in bytes."""

    upstream_socket: Path
    internal_socket: Path
    log_path: Path
    key: bytes
    """Shared secret of the tokens."""
    host: str = "127.0.0.1"
    port: int = 8000
    listen_fd: int | None = None
    """A listening socket inherited from the supervisor, used instead of host and port."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    trusted_proxies: tuple[Network, ...] = ()
    unlimited: tuple[Network, ...] = networks("127.0.0.0/8, ::1")
    connections_per_address: int = 500
    requests_per_second: float = 100.0
    request_burst: int = 500
    max_connections: int = 19_000
    max_head: int = 32 * 1024
    max_headers: int = 100
    max_body: int = 1024**3
    uploads: int = 2
    """Bodies passed on as they come, at once: fewer than web has threads, so that it goes on answering."""
    max_publication: int = 128 * 1024
    client_buffer: int = 256 * 1024
    head_deadline: float = 10.0
    idle_deadline: float = 75.0
    body_deadline: float = 20.0
    body_rate: float = 1024.0
    answer_deadline: float = 60.0
    upstream_idle: float = 3.0
    linger: float = 2.0
    stop_grace: float = 5.0
    keep_seconds: float = 7 * 86_400.0
    keep_events: int = 100_000
    heartbeat: float = 25.0
    certificate_interval: float = 30.0


@dataclass
class Server:
    settings: LiveSettings
    loop: asyncio.AbstractEventLoop
    hub: Hub
    connections: set[HttpConnection] = field(default_factory=set)
    figures: Figures = field(default_factory=Figures)
    closing: bool = False
    uploads: int = 0

    def __post_init__(self) -> None:
        settings = self.settings
        self.now = self.loop.time
        self.trusted = Addresses(settings.trusted_proxies)
        self.limits = AddressLimits(
            settings.connections_per_address,
            settings.requests_per_second,
            settings.request_burst,
            Addresses(settings.unlimited),
        )

    def client_address(self, peer: str, head: RequestHead) -> str:
        """The visitor's address: the peer, or what a trusted front server says.

        Read from the right: each trusted server added the address it saw, and what stands
        further left was written by the visitor.
        """
        if peer not in self.trusted:
            return peer
        claimed = b",".join(head.all(b"x-forwarded-for")).decode("latin-1").split(",")
        for text in reversed(claimed):
            address = parse_address(text.strip())
            if address is None:
                break
            if str(address) not in self.trusted:
                return str(address)
        return peer

    def scheme(self, peer: str, secure: bool, head: RequestHead) -> bytes:
        if peer in self.trusted:
            claimed = head.get(b"x-forwarded-proto")
            if claimed in {b"http", b"https"}:
                return claimed
        return b"https" if secure else b"http"

    def metrics(self) -> bytes:
        return exposition(self.figures, self.hub, len(self.connections))

    async def watch(self) -> None:
        """The deadlines, the heartbeats, and what has to be forgotten."""
        settings = self.settings
        shortest = min(
            settings.head_deadline,
            settings.idle_deadline,
            settings.body_deadline,
            settings.answer_deadline,
            settings.linger,
            settings.upstream_idle,
            2.0,
        )
        beat = minute = self.now()
        while True:
            await asyncio.sleep(shortest / 2)
            now = self.now()
            for connection in tuple(self.connections):
                try:
                    if connection.deadline < now:
                        connection.expired()
                    else:
                        connection.give_back_upstream(now - settings.upstream_idle)
                except Exception:
                    # One connection must not take the clock away from all others.
                    logger.exception("a connection could not be closed in order")
                    connection.abort()
            if now - beat >= 1.0:
                beat = now
                self.hub.beat()
            if now - minute >= 60.0:
                minute = now
                self.limits.forget_idle(now)


def tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(certificate, key)
    return context


async def _renew_certificate(
    context: ssl.SSLContext, certificate: Path, key: Path, interval: float
) -> None:
    """Take a renewed certificate without a restart; a broken one leaves the old in use."""
    seen = certificate.stat().st_mtime_ns
    while True:
        await asyncio.sleep(interval)
        try:
            changed = certificate.stat().st_mtime_ns
            if changed != seen:
                context.load_cert_chain(certificate, key)
                seen = changed
                logger.info("certificate renewed")
        except OSError as error:  # ssl.SSLError is one too
            logger.error("the new certificate cannot be used, the old one stays: %s", error)


def public_socket(host: str, port: int) -> socket.socket:
    """The listening socket; OSError when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # A client that vanished without a word is noticed a minute after the next heartbeat.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 60_000)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _internal_socket(path: Path) -> socket.socket:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    path.chmod(0o600)
    listener.listen(128)
    return listener


def _raise_descriptor_limit(wanted: int) -> int:
    """How many connections this process may hold, after asking for all it is allowed."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard - SPARE_DESCRIPTORS)


async def serve(settings: LiveSettings) -> None:
    """Run until TERM or INT."""
    loop = asyncio.get_running_loop()
    hub = Hub(
        settings.log_path, loop, settings.keep_seconds, settings.keep_events, settings.heartbeat
    )
    server = Server(settings, loop, hub)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    tasks = [loop.create_task(server.watch())]
    context = None
    if settings.tls_cert is not None and settings.tls_key is not None:
        context = tls_context(settings.tls_cert, settings.tls_key)
        tasks.append(
            loop.create_task(
                _renew_certificate(
                    context, settings.tls_cert, settings.tls_key, settings.certificate_interval
                )
            )
        )
    if settings.listen_fd is None:
        listener = public_socket(settings.host, settings.port)
    else:
        listener = socket.socket(fileno=settings.listen_fd)
        listener.setblocking(False)
    private = await loop.create_unix_server(
        lambda: Front(server, internal=True), sock=_internal_socket(settings.internal_socket)
    )
    public = await loop.create_server(
        lambda: Front(server),
        sock=listener,
        backlog=BACKLOG,
        ssl=context,
        ssl_handshake_timeout=10 if context else None,
    )
    logger.info("listening on %s port %d", *listener.getsockname()[:2])
    try:
        await stopping.wait()
    finally:
        public.close()
        private.close()
        server.closing = True
        for connection in tuple(server.connections):
            connection.stop()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(settings.stop_grace):
                while server.connections:
                    await asyncio.sleep(0.02)
        for connection in tuple(server.connections):
            connection.abort()
        for task in tasks:
            task.cancel()
        hub.close()


def run(settings: LiveSettings) -> None:
    """Serve in a fresh event loop; returns after TERM or INT."""
    allowed = _raise_descriptor_limit(settings.max_connections)
    if allowed < settings.max_connections:
        logger.warning("this machine allows %d connections only (ulimit -Hn)", allowed)
        settings = replace(settings, max_connections=allowed)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings))
