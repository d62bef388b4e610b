"""Waking the intake process from others: `m` there are messages, `k` device keys changed."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path

MESSAGES = b"m"
KEYS = b"k"


def socket_path(run: Path) -> Path:
    return run / "intake.sock"


def wake(run: Path, what: bytes) -> None:
    """Never fails: without an intake process, the next one looks by itself."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender, contextlib.suppress(OSError):
        sender.setblocking(False)
        sender.sendto(what, str(socket_path(run)))
