"""How one sees that a service answers. Each check is quick and says no rather than fail."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

Check = Callable[[], Awaitable[bool]]
PATIENCE = 5.0


def answers_ok(socket_path: Path, target: str) -> Check:
    """Whether a GET over a unix socket is answered by 200."""

    async def check() -> bool:
        try:
            async with asyncio.timeout(PATIENCE):
                reader, writer = await asyncio.open_unix_connection(str(socket_path))
                try:
                    writer.write(
                        f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
                    )
                    return b" 200 " in await reader.readline()
                finally:
                    writer.close()
        except (OSError, TimeoutError):
            return False

    return check


def accepts_connections(host: str, port: int) -> Check:
    async def check() -> bool:
        try:
            async with asyncio.timeout(PATIENCE):
                _, writer = await asyncio.open_connection(host, port)
                writer.close()
        except (OSError, TimeoutError):
            return False
        return True

    return check


def holds_a_lock(folder: Path, pattern: str) -> Check:
    """Whether a living process holds the lock of one of these files."""

    async def check() -> bool:
        return any(_locked(path) for path in folder.glob(pattern))

    return check


def _locked(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
