"""Starts the services, starts again the one that ends, stops them all together.

A process group per service: when a service ends, for whatever reason, what remains of its group
is killed before it starts again, so that old code never answers beside the new.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .guard import Guard, kill_group, lead_group_and_die_with
from .service_log import ServiceLog

SHORTEST_WAIT = 0.2
LONGEST_WAIT = 30.0
STEADY_AFTER = 30.0
"""Seconds after which a service counts as steady: its next restart is immediate again."""
GRACE = 10.0


@dataclass(frozen=True)
class Service:
    name: str
    argv: tuple[str, ...]
    ready: Callable[[], Awaitable[bool]]
    environment: Mapping[str, str] = field(default_factory=dict)
    descriptors: tuple[int, ...] = ()
    """Open descriptors that the service inherits."""


class Supervisor:
    def __init__(
        self,
        services: list[Service],
        guard: Guard,
        logs: Path,
        verbose: bool = False,
        grace: float = GRACE,
    ) -> None:
        self._services = services
        self._guard = guard
        self._logs = logs
        self._verbose = verbose
        self._grace = grace
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._stopping = asyncio.Event()
        self._impatient = asyncio.Event()

    async def run(self, when_ready: Callable[[], None]) -> int:
        """Supervise until TERM or INT; 0 when everything stopped by itself within the grace."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self._ask_to_stop)
        keepers = [loop.create_task(self._keep(service)) for service in self._services]
        announcer = loop.create_task(self._announce(when_ready))
        await self._stopping.wait()
        announcer.cancel()
        killed = await self._stop()
        await asyncio.gather(*keepers, return_exceptions=True)
        return 1 if killed else 0

    def _ask_to_stop(self) -> None:
        if self._stopping.is_set():
            self._impatient.set()
        self._stopping.set()

    async def _announce(self, when_ready: Callable[[], None]) -> None:
        for service in self._services:
            while not await service.ready():
                await asyncio.sleep(0.05)
        when_ready()

    async def _keep(self, service: Service) -> None:
        """One service, for as long as the supervisor runs."""
        log = ServiceLog(self._logs, service.name, self._verbose)
        wait = SHORTEST_WAIT
        try:
            while not self._stopping.is_set():
                started = time.monotonic()
                status = await self._once(service, log)
                if self._stopping.is_set():
                    return
                if time.monotonic() - started > STEADY_AFTER:
                    wait = SHORTEST_WAIT
                log.write(
                    f"WARNING {service.name} ended ({_how(status)}), starts again in {wait:.1f} s".encode()
                )
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), wait)
                wait = min(wait * 2, LONGEST_WAIT)
        finally:
            log.close()

    async def _once(self, service: Service, log: ServiceLog) -> int:
        """Run a service to its end and clear away its whole group."""
        parent = os.getpid()
        process = subprocess.Popen(  # noqa: S603 - the table of services, no user input
            service.argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **service.environment},
            pass_fds=service.descriptors,
            preexec_fn=lambda: lead_group_and_die_with(parent),
        )
        self._guard.add(process.pid)
        self._running[service.name] = process
        copying = asyncio.create_task(_copy(process, log))
        await _ended(process.pid)
        # Before the leader is reaped, so that its number cannot belong to another group yet.
        kill_group(process.pid)
        status = process.wait()
        del self._running[service.name]
        self._guard.remove(process.pid)
        await copying
        return status

    async def _stop(self) -> bool:
        """TERM, a grace, then KILL. Whether somebody had to be killed."""
        for process in self._running.values():
            kill_group(process.pid, signal.SIGTERM)
        end = time.monotonic() + self._grace
        while self._running and time.monotonic() < end and not self._impatient.is_set():
            await asyncio.sleep(0.02)
        left = list(self._running.items())
        for name, process in left:
            sys.stderr.write(f"{name} ne s’arrête pas : il est arrêté de force.\n")
            kill_group(process.pid)
        return bool(left)


async def _ended(pid: int) -> None:
    """Wait for the end of a child without reaping it."""
    loop = asyncio.get_running_loop()
    descriptor = os.pidfd_open(pid)
    over = asyncio.Event()
    loop.add_reader(descriptor, over.set)
    try:
        await over.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


async def _copy(process: subprocess.Popen[bytes], log: ServiceLog) -> None:
    """Bring the output of a service into its log, line by line."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1024 * 1024)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), process.stdout)
    while True:
        try:
            line = await reader.readline()
        except ValueError:  # a line beyond the limit: its beginning was dropped
            continue
        if not line:
            return
        log.write(line)


def _how(status: int) -> str:
    if status < 0:
        return f"killed by {signal.Signals(-status).name}"
    return f"exit status {status}"
