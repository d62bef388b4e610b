"""The journal: who saw or did what."""

from __future__ import annotations

from django.db.models import Model

from beffroi.base.access.actor import Actor

from .models import Entry

__all__ = ["record"]


def record(actor: Actor, verb: str, subject: Model | None = None, **detail: object) -> Entry:
    """Write one entry, inside the business transaction of what it records.

    `detail` holds plain JSON values and no personal data: a person is named by its key only.
    """
    return Entry.objects.create(
        authority=actor.authority,
        person_key=actor.person_key,
        automatic=actor.name if actor.account is None else "",
        verb=verb,
        object_kind=subject._meta.label_lower if subject is not None else "",
        object_id=str(subject.pk) if subject is not None else "",
        detail=detail,
    )
