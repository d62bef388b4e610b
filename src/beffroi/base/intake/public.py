"""What comes in from devices: durable first, then dealt with in order.

`put` and `put_many` return when the messages are on the disk; `register_handler` says who
deals with them. Device keys live in the inbox's own file, so that the listener needs nothing
else: rooms fill it with `set_device_key`.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from beffroi.base.intake.handlers import HANDLERS, advance, position, register_handler
from beffroi.base.intake.inbox import (
    Entry,
    Inbox,
    InboxBusy,
    InboxError,
    InboxFull,
    Message,
    Rejected,
    Slowed,
    now_ms,
)
from beffroi.base.intake.wake import KEYS, MESSAGES, wake

__all__ = [
    "InboxBusy",
    "InboxError",
    "InboxFull",
    "IntakeState",
    "Message",
    "Rejected",
    "Slowed",
    "advance",
    "put",
    "put_many",
    "register_handler",
    "rejected",
    "retry_rejected",
    "revoke",
    "set_device_key",
    "slowed_devices",
    "state",
]
#: A request does not wait longer than this for the inbox.
_PATIENCE = 5.0
_SHA256 = re.compile(r"[0-9a-f]{64}")
_here = threading.local()


def put(source: str, device: str, topic: str, payload: bytes) -> int:
    """Store one message; durable on return. Returns its number.

    source: where it came from, such as `http`. Raises InboxFull or InboxBusy: nothing stored.
    """
    return put_many([(source, device, topic, payload)])


def put_many(messages: Iterable[tuple[str, str, str, bytes]]) -> int:
    """Store several messages, all or none, as `put` does. Returns the last number."""
    moment = now_ms()
    entries = [Entry(*message, received_ms=moment) for message in messages]
    number = _inbox().append(entries)
    wake(settings.BEFFROI.run, MESSAGES)
    return number


def set_device_key(device: str, token_sha256: str) -> None:
    """Let a device in with the token whose SHA-256 (64 hex digits) is given; empty: shut it out.

    A connection made with a former token is cut. Raises ValueError for anything else than a
    hash, so that no token is ever stored readable by mistake.
    """
    if token_sha256 and not _SHA256.fullmatch(token_sha256):
        raise ValueError("token_sha256 is not a SHA-256 in hexadecimal")
    _inbox().set_key(device, token_sha256)
    wake(settings.BEFFROI.run, KEYS)


def revoke(device: str) -> None:
    """Shut a device out, and cut its connections."""
    set_device_key(device, "")


def rejected(limit: int = 100) -> list[Rejected]:
    """Messages no handler could deal with, the latest first, with the reason."""
    return _inbox().rejected(limit)


def retry_rejected(number: int) -> int:
    """Hand a rejected message in again; returns its new number. Raises KeyError."""
    new_number = _inbox().retry_rejected(number)
    wake(settings.BEFFROI.run, MESSAGES)
    return new_number


def slowed_devices() -> list[Slowed]:
    """Devices that sent more than they may and were slowed down, the latest first."""
    return _inbox().slowed()


@dataclass(frozen=True)
class IntakeState:
    received: int
    waiting: dict[str, int]
    rejected: int


def state() -> IntakeState:
    """Figures for health pages: messages ever received, waiting by handler, put aside."""
    inbox = _inbox()
    return IntakeState(
        received=inbox.last_number(),
        waiting={name: inbox.count_after(position(name)) for name in HANDLERS},
        rejected=len(inbox.rejected(10_000)),
    )


def inbox_path() -> Path:
    path: Path = settings.BEFFROI.data / "inbox.sqlite3"
    return path


def _inbox() -> Inbox:
    """This thread's connection; a new one when the data folder is another (in tests)."""
    inbox: Inbox | None = getattr(_here, "inbox", None)
    if inbox is None or inbox.path != inbox_path():
        if inbox is not None:
            inbox.close()
        inbox = _here.inbox = Inbox(inbox_path(), _PATIENCE)
    return inbox
