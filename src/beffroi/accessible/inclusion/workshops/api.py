"""The workshops’ API: sessions to come and registrations. Residents need no key."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest
from ninja import Field, Schema, Status
from ninja.decorators import decorate_view

from beffroi.base.access.public import Actor, door
from beffroi.base.api.public import Conflict, api_key, errors, room_router

from . import actions, seats
from .models import Registration, RegistrationState
from .queries import Shown, public_sessions, shown
from .views import few_registrations

router = room_router()


def anyone(request: HttpRequest) -> Actor | None:
    """A system by its key, else an unknown resident: a session’s rights do not count here."""
    if "Authorization" in request.headers:
        return api_key(request)
    request.actor = Actor.anonymous(request.authority)  # type: ignore[attr-defined]
    return request.actor  # type: ignore[attr-defined]


class SessionOut(Schema):
    ref: str
    title: str
    summary: str
    level: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    place: str
    seats: int
    left: int = Field(description="Seats that can be taken at once.")
    waiting: int = Field(description="People in the waiting list.")


class ParticipantIn(Schema):
    given_name: str = Field("", max_length=100)
    family_name: str = Field(max_length=100)
    email: str = Field("", max_length=254)
    phone: str = Field("", max_length=30)
    needs: str = Field("", max_length=500)


class RegistrationOut(Schema):
    ref: str
    session: str
    state: str
    position: int | None = Field(description="Place in the waiting list, 1 for the next.")
    offered_until: dt.datetime | None


@router.get("/sessions", auth=anyone, response={200: list[SessionOut], **errors(401)})
def list_sessions(request: HttpRequest) -> list[SessionOut]:
    """The sessions to come, with the seats that are left."""
    found = public_sessions(_actor(request).authority)[:200]
    return [_session_out(one) for one in shown(list(found))]


@router.post(
    "/sessions/{ref}/registrations",
    auth=anyone,
    response={201: RegistrationOut, **errors(401, 404, 409, 422, 429)},
)
@decorate_view(few_registrations)
def create_registration(
    request: HttpRequest, ref: str, data: ParticipantIn
) -> Status[RegistrationOut]:
    """A seat if one is free and nobody waits, else a place in the waiting list."""
    actor = _actor(request)
    session = door(public_sessions(actor.authority), actor, ref=ref.replace("\x00", ""))
    try:
        made = actions.register(actor, session, actions.Participant(**data.dict()))
    except actions.NotPossible as refusal:
        raise Conflict(str(refusal)) from refusal
    return Status(201, _registration_out(made))


@router.get(
    "/registrations/{ref}", auth=anyone, response={200: RegistrationOut, **errors(401, 404)}
)
def get_registration(request: HttpRequest, ref: str) -> RegistrationOut:
    """One registration, by the reference its owner was given."""
    return _registration_out(_by_ref(request, ref))


@router.post(
    "/registrations/{ref}/accept",
    auth=anyone,
    response={200: RegistrationOut, **errors(401, 404, 409)},
)
def accept_seat(request: HttpRequest, ref: str) -> RegistrationOut:
    """Take the seat that was offered."""
    try:
        return _registration_out(actions.accept(_actor(request), _by_ref(request, ref)))
    except actions.NotPossible as refusal:
        raise Conflict(str(refusal)) from refusal


@router.delete("/registrations/{ref}", auth=anyone, response={204: None, **errors(401, 404, 409)})
def cancel_registration(request: HttpRequest, ref: str) -> Status[None]:
    """Give up a seat or a place in the list. Doing it twice changes nothing."""
    try:
        actions.leave(_actor(request), _by_ref(request, ref))
    except actions.NotPossible as refusal:
        raise Conflict(str(refusal)) from refusal
    return Status(204, None)


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _by_ref(request: HttpRequest, ref: str) -> Registration:
    related = Registration.objects.select_related("session__authority")
    return door(related, _actor(request), ref=ref.replace("\x00", ""))


def _session_out(one: Shown) -> SessionOut:
    session = one.session
    zone = session.authority.zone
    return SessionOut(
        ref=session.ref,
        title=session.workshop.title,
        summary=session.workshop.summary,
        level=session.workshop.level,
        starts_at=session.starts_at.astimezone(zone),
        ends_at=session.ends_at.astimezone(zone),
        place=session.where,
        seats=session.seats,
        left=0 if one.is_full else one.left,
        waiting=one.waiting,
    )


def _registration_out(found: Registration) -> RegistrationOut:
    waits = found.state == RegistrationState.WAITING
    return RegistrationOut(
        ref=found.ref,
        session=found.session.ref,
        state=found.state,
        position=seats.position(found) if waits else None,
        offered_until=found.offered_until,
    )
