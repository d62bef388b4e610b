"""Reading interventions."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from beffroi.base.access.public import Actor, Role, visible
from beffroi.base.authorities.public import Authority, Share, today_in

from .models import OPEN_STATES, Crew, Intervention


def interventions_for(actor: Actor, level: str = "see") -> QuerySet[Intervention]:
    """Those the actor may see; a person of the field only those of its crews."""
    found = visible(Intervention.objects.select_related("authority", "crew"), actor, level)
    if actor.automatic or actor.roles & {Role.AGENT, Role.HEAD, Role.ADMIN}:
        return found
    return found.filter(crew__members=actor.account) if actor.account else found.none()


def open_interventions(actor: Actor) -> QuerySet[Intervention]:
    return interventions_for(actor).filter(state__in=OPEN_STATES)


def crews_for(intervention: Intervention) -> QuerySet[Crew]:
    """The crews that may be sent: those of the holder, for its domain."""
    return Crew.objects.filter(authority=intervention.authority_id, domain=intervention.domain)


def desk_topics(authority: Authority, domain: str) -> list[str]:
    """The desks on which something of this authority and domain appears: its own, and those it shares with."""
    today = today_in(authority)
    viewers = (
        Share.objects.filter(holder=authority, domain=domain, since__lte=today)
        .filter(Q(until__isnull=True) | Q(until__gt=today))
        .values_list("viewer__slug", flat=True)
    )
    return [f"/desk/{slug}" for slug in sorted({authority.slug, *viewers})]
