"""What other rooms may use of interventions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Model

from beffroi.base.access.public import Actor
from beffroi.base.authorities.models import Street

from . import actions
from .models import Crew, Intervention, State
from .queries import desk_topics

__all__ = ["Crew", "Intervention", "State", "create_from", "desk_topics", "intervention_for_cause"]


def create_from(
    actor: Actor,
    cause: Model,
    title: str,
    crew: Crew | None = None,
    location: str = "",
    streets: Sequence[Street] = (),
    *,
    position: tuple[float | None, float | None] = (None, None),
    due: datetime | None = None,
) -> Intervention:
    """The intervention of that cause, in its authority and domain; made once while it is open.

    `cause` has `authority`, `domain` and `severity`; `position` is (latitude, longitude) in WGS 84.
    With a crew it is sent at once, else it waits for one. Raises PermissionDenied when the actor may
    not act there, ValidationError for a crew of another authority.
    """
    return actions.create(
        actor,
        cause.authority,  # type: ignore[attr-defined]
        cause.domain,  # type: ignore[attr-defined]
        title,
        crew,
        location,
        streets,
        cause=cause,
        severity=cause.severity,  # type: ignore[attr-defined]
        latitude=position[0],
        longitude=position[1],
        due=due,
    )


def intervention_for_cause(cause: Model) -> Intervention | None:
    """The last intervention that `cause` led to, whatever its state."""
    return (
        Intervention.objects.filter(cause_kind=cause._meta.label_lower, cause_id=cause.pk)
        .select_related("crew")
        .order_by("-pk")
        .first()
    )
