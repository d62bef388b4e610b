"""Writing events and announcements, inside the business transaction."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction

from beffroi.base.outbox.models import Announcement, OutboxEvent
from beffroi.base.outbox.registry import CONSUMERS, KINDS
from beffroi.base.outbox.tasks import publish_announcements
from beffroi.base.tasks.public import enqueue


def emit(kind: str, obj: models.Model, **payload: Any) -> OutboxEvent:
    """Say that something happened to `obj`; every consumer of this kind will hear of it.

    kind: declared with `declare_event`, else LookupError. payload: what JSON can carry.
    Call it inside the transaction of the change: both stay, or neither.
    """
    if kind not in KINDS:
        raise LookupError(
            f"Event kind {kind!r} is unknown: declare_event({kind!r}, …) in the room's events.py"
        )
    with transaction.atomic():
        event = OutboxEvent.objects.create(
            kind=kind,
            authority_id=getattr(obj, "authority_id", None),
            subject_kind=obj._meta.label_lower,
            subject_id=obj.pk,
            payload=payload,
        )
        for listener in CONSUMERS.get(kind, []):
            enqueue(
                listener.task_name,
                sequence=f"{listener.name}:{event.subject_kind}:{event.subject_id}"[:200],
                event_id=event.pk,
            )
    return event


def announce(topics: list[str], data: dict[str, Any], private: bool = False) -> None:
    """Tell open pages of a change, right after this transaction's commit and only then.

    topics: paths such as `/notices/vernay`. data: JSON, small, nothing personal unless
    `private`. Announcements reach the hub in the order they were made, once each.
    """
    with transaction.atomic():
        Announcement.objects.create(topics=topics, data=data, private=private)
        enqueue(publish_announcements, key="outbox.publish")
