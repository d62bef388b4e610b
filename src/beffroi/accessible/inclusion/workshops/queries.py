"""Sessions to come with the seats that are left, proposals, participants."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from beffroi.base.access.public import Actor
from beffroi.base.authorities.models import Authority

from . import seats
from .models import ProposalState, Registration, RegistrationState, Session, Workshop


@dataclass(frozen=True)
class Shown:
    """A session as a page shows it."""

    session: Session
    left: int
    waiting: int

    @property
    def taken(self) -> int:
        return self.session.seats - self.left

    @property
    def is_full(self) -> bool:
        """Nobody gets a seat at once: none is left, or somebody was there before."""
        return self.left == 0 or self.waiting > 0


def public_sessions(authority: Authority) -> QuerySet[Session]:
    """What residents may register for."""
    return (
        Session.objects.filter(
            authority=authority,
            workshop__state=ProposalState.APPROVED,
            is_cancelled=False,
            starts_at__gt=timezone.now(),
        )
        .select_related("workshop", "site", "authority")
        .order_by("starts_at", "pk")
    )


def shown(sessions: list[Session]) -> list[Shown]:
    """Sessions with their counts, in two queries whatever their number."""
    taken = seats.taken(sessions)
    waiting = dict(
        Registration.objects.filter(session__in=sessions, state=RegistrationState.WAITING)
        .values_list("session")
        .annotate(number=Count("pk"))
    )
    return [Shown(s, max(0, s.seats - taken.get(s.pk, 0)), waiting.get(s.pk, 0)) for s in sessions]


def desk_sessions(actor: Actor) -> QuerySet[Session]:
    """All sessions from today on, whatever their state."""
    today = timezone.now().astimezone(actor.authority.zone).replace(hour=0, minute=0, second=0)
    return (
        Session.objects.filter(authority=actor.authority, ends_at__gte=today)
        .exclude(workshop__state=ProposalState.REFUSED)
        .select_related("workshop", "site", "authority")
        .order_by("starts_at", "pk")
    )


def proposals_of(actor: Actor) -> QuerySet[Workshop]:
    """What this person proposed, and nothing else."""
    person = actor.account.person_id if actor.account else None
    return (
        Workshop.objects.filter(authority=actor.authority, proposed_by=person)
        .exclude(proposed_by=None)
        .prefetch_related("sessions__site", "sessions__authority")
        .order_by("-created_at")
    )


def proposals(authority: Authority) -> QuerySet[Workshop]:
    """What waits for an agent’s decision, the oldest first."""
    return (
        Workshop.objects.filter(authority=authority, state=ProposalState.PROPOSED)
        .select_related("proposed_by")
        .prefetch_related("sessions__site")
        .order_by("created_at")
    )


def participants(session: Session) -> QuerySet[Registration]:
    """Those who come, then those who wait, in order."""
    return (
        Registration.objects.filter(session=session)
        .filter(
            Q(state=RegistrationState.REGISTERED)
            | Q(state=RegistrationState.OFFERED)
            | Q(state=RegistrationState.WAITING)
        )
        .select_related("person")
        .order_by("pk")
    )
