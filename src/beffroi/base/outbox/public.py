"""Events between rooms, and announcements to open pages.

# events.py of the room that emits            # events.py of a room that listens
declare_event("notice_published", "…")         @consumer("notice_published", name="signage.show")
                                               def show(event: OutboxEvent) -> None: ...
"""

from __future__ import annotations

from beffroi.base.outbox.emit import announce, emit
from beffroi.base.outbox.models import OutboxEvent
from beffroi.base.outbox.registry import CONSUMERS, KINDS, consumer, declare_event

__all__ = ["CONSUMERS", "KINDS", "OutboxEvent", "announce", "consumer", "declare_event", "emit"]
