"""Waking workers: one byte to the sockets of this machine, NOTIFY to those of others.

A lost wake-up costs time, never a task: workers also look by themselves now and then.
"""

from __future__ import annotations

import contextlib
import select
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DatabaseError, connection

if TYPE_CHECKING:
    import psycopg

CHANNEL = "beffroi_tasks"


def run_folder() -> Path:
    folder: Path = settings.BEFFROI.run
    return folder


def wake_workers() -> None:
    """Tell every worker that there may be something to do. Never raises for want of one."""
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
        return
    send_wake_up(run_folder())


def send_wake_up(folder: Path) -> None:
    sockets = list(folder.glob("worker*.sock"))
    if not sockets:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        for path in sockets:
            try:
                sender.sendto(b"!", str(path))
            except BlockingIOError:
                pass  # its buffer is full of wake-ups already
            except OSError:
                # Nobody listens: left by a worker that was killed.
                with contextlib.suppress(OSError):
                    path.unlink()


class WakeSocket:
    """Where a worker sleeps until something is put in."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = folder / f"worker-{name}.sock"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self.path.unlink(missing_ok=True)
        self._socket.bind(str(self.path))
        self._notices: psycopg.Connection | None = None

    def listen_to_database(self) -> None:
        """With PostgreSQL, also hear of tasks put in on other machines."""
        if connection.vendor == "postgresql" and self._notices is None:
            import psycopg  # slow to load, and not needed with SQLite

            parameters = connection.get_connection_params()
            wanted = {
                k: v
                for k, v in parameters.items()
                if k in {"dbname", "user", "password", "host", "port"}
            }
            self._notices = psycopg.connect(**wanted, autocommit=True)
            self._notices.execute(f"LISTEN {CHANNEL}")

    def wait(self, seconds: float) -> None:
        """Return when woken, or after `seconds`."""
        sources: list[socket.socket | psycopg.Connection] = [self._socket]
        if self._notices is not None:
            sources.append(self._notices)
        ready, _, _ = select.select(sources, [], [], max(seconds, 0))
        if self._socket in ready:
            with contextlib.suppress(BlockingIOError):
                while self._socket.recv(64):
                    pass
        if self._notices is not None and self._notices in ready:
            try:
                with connection.wrap_database_errors:
                    for _notice in self._notices.notifies(timeout=0):
                        pass
            except DatabaseError:
                self._notices = None  # taken up again by listen_to_database

    def wake(self) -> None:
        """Wake this worker from within (a signal, another thread)."""
        with (
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender,
            contextlib.suppress(OSError),
        ):
            sender.setblocking(False)
            sender.sendto(b"!", str(self.path))

    def close(self) -> None:
        self.path.unlink(missing_ok=True)
        self._socket.close()
        if self._notices is not None:
            self._notices.close()
