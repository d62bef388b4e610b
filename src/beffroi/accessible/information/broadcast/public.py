"""What other rooms may ask of broadcast."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import models

from beffroi.base.access.public import Actor
from beffroi.base.authorities.models import Authority, Street
from beffroi.base.provenance.public import Reading

from . import actions, queries
from .models import Notice, Severity

__all__ = [
    "Notice",
    "Severity",
    "current_notices",
    "last_change",
    "note_delivery",
    "notice_for_cause",
    "propose",
]


def propose(
    actor: Actor,
    cause: models.Model | None,
    authority: Authority,
    title: str,
    body: str,
    severity: int,
    category: str,
    streets: Sequence[Street] = (),
    expected_end: datetime | None = None,
    *,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    readings: Sequence[Reading] = (),
    note: str = "",
) -> Notice:
    """A notice that waits for a person of `authority`; never published by itself.

    `severity` 1 (information) to 4 (danger); `category` a Domain; times aware; `readings` rows of
    [ISO time, value, unit, label], copied as the reason, with `note` one sentence for readers.
    The same `cause` and authority give the same notice. Raises PermissionDenied when the actor may
    not propose there, ValidationError for a foreign street or an impossible text.
    """
    content = actions.Content(
        title=title,
        body=body,
        severity=severity,
        domain=category,
        streets=streets,
        starts_at=starts_at,
        expected_end=expected_end,
        ends_at=ends_at,
    )
    return actions.propose(actor, authority, content, cause, readings, note)


def current_notices(authority: Authority, street: Street | None = None) -> list[Notice]:
    """Published and not expired at this moment, the most serious first; streets prefetched.

    With a street: those of that street and those of the whole territory.
    """
    return list(queries.current(authority, street))


def notice_for_cause(cause: models.Model, authority: Authority | None = None) -> Notice | None:
    """The notice that `cause` led to, whatever its state; of one authority when given."""
    notices = Notice.objects.filter(cause_kind=cause._meta.label_lower, cause_id=cause.pk)
    if authority is not None:
        notices = notices.filter(authority=authority)
    return notices.order_by("-pk").first()


def last_change(authority: Authority) -> datetime:
    """When what `current_notices` answers last changed."""
    return queries.last_change(authority)


def note_delivery(authority: Authority) -> None:
    """To be called by a live fragment that shows the notices: dates their first delivery."""
    queries.note_delivery(authority)
