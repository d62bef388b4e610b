"""Giving seats: to the one who registers, or to those who wait, in order.

Every function runs in the transaction of its caller, on a session locked by it.
"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from beffroi.accessible.reception.appointments.public import (
    ResourceKind,
    Taken,
    cell_of,
    claim,
    release,
    taken_seats,
)
from beffroi.base.outbox.public import announce, emit
from beffroi.base.tasks.public import enqueue

from . import letters
from .models import Registration, RegistrationState, Session

#: A freed seat is kept a day for the one who is next, and given on two hours before the session.
OFFER = dt.timedelta(hours=24)
LAST_CALL = dt.timedelta(hours=2)
SHORTEST_OFFER = dt.timedelta(minutes=30)


def take(registration: Registration, expires_at: dt.datetime | None = None) -> bool:
    """One seat for this registration; False when none is left."""
    session = registration.session
    try:
        claim(
            ResourceKind.SESSION,
            session.pk,
            [cell_of(session.starts_at)],
            registration.pk,
            session.seats,
            expires_at,
        )
    except Taken:
        return False
    return True


def free(registration: Registration) -> None:
    release(ResourceKind.SESSION, [registration.pk])


def taken(sessions: list[Session]) -> dict[int, int]:
    """Seats taken now, those kept by an offer included, by session."""
    return taken_seats(ResourceKind.SESSION, [session.pk for session in sessions])


def waiting(session: Session) -> list[Registration]:
    """Those who wait, in the order in which they will be asked."""
    found = Registration.objects.filter(session=session, state=RegistrationState.WAITING)
    return list(found.select_related("person", "session__workshop", "authority").order_by("pk"))


def position(registration: Registration) -> int:
    """1 for the one who is asked next."""
    return (
        Registration.objects.filter(
            session=registration.session_id,
            state=RegistrationState.WAITING,
            pk__lt=registration.pk,
        ).count()
        + 1
    )


def offer_freed(session: Session) -> None:
    """Offer every free seat to those who wait, first come first served."""
    until = _offered_until(session)
    if until is None or session.is_cancelled:
        return
    for registration in waiting(session):
        registration.session = session
        if not take(registration, until):
            break
        registration.state, registration.offered_until = RegistrationState.OFFERED, until
        registration.version += 1
        registration.save(update_fields=["state", "offered_until", "version"])
        enqueue("workshops.lapse", registration_id=registration.pk, at=until)
        letters.offered(registration)
        emit("workshop_seat_offered", registration, until=until.isoformat())
    tell(session)


def tell(session: Session) -> None:
    """Open pages show the seats that are left."""
    announce([f"/workshops/{session.authority.slug}"], {"session": session.ref})


def _offered_until(session: Session) -> dt.datetime | None:
    """When an offer made now ends; None once the session has begun."""
    now = timezone.now()
    if session.starts_at <= now:
        return None
    until = min(now + OFFER, session.starts_at - LAST_CALL)
    return until if until - now >= SHORTEST_OFFER else min(now + SHORTEST_OFFER, session.starts_at)
