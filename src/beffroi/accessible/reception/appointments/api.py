"""The reception’s API: slots, holds, bookings. Residents need no key; the reference is theirs.

With the key of an agent’s system (`Authorization: Bearer`) slots name the free agents, and past or
distant days may be asked for and booked.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Header, Query, Schema, Status
from ninja.decorators import decorate_view
from pydantic import AwareDatetime

from beffroi.base.access.public import Actor, door
from beffroi.base.api.public import (
    Conflict,
    Problem,
    Unprocessable,
    api_key,
    errors,
    room_router,
)
from beffroi.base.authorities.models import Site

from . import actions
from .availability import Selection, Slots
from .engine.grid import moment_of
from .models import Agent, Appointment, Origin, Reason
from .queries import (
    Period,
    bookable_period,
    find_slots,
    first_in_sites,
    public_reasons,
    within,
)
from .views import few_holds, few_moves

LONGEST_SPAN = dt.timedelta(days=366)
FIRST_YEAR, LAST_YEAR = 2000, 2099

router = room_router()


def anyone(request: HttpRequest) -> Actor | None:
    """A system by its key, else an unknown resident: a session’s rights do not count here."""
    if "Authorization" in request.headers:
        return api_key(request)
    request.actor = Actor.anonymous(request.authority)  # type: ignore[attr-defined]
    return request.actor  # type: ignore[attr-defined]


class ReasonOut(Schema):
    id: int
    label: str
    service: str
    duration: int = Field(description="Minutes.")
    channel: str
    documents: list[str]


class SlotOut(Schema):
    starts_at: dt.datetime = Field(description="With the offset of the authority’s time zone.")
    site: int
    free: int = Field(description="How many agents are free then.")
    agents: list[int] = Field([], description="Who they are; for agents’ systems only.")


class SlotsOut(Schema):
    reason: int
    duration: int
    time_zone: str
    slots: list[SlotOut]


class FirstSlotOut(Schema):
    site: int
    name: str
    starts_at: dt.datetime


class AgentOut(Schema):
    id: int
    name: str
    external_id: str


class HoldIn(Schema):
    reason: int
    site: int | None = None
    agent: int | None = Field(None, description="For agents’ systems only.")
    starts_at: AwareDatetime


class ContactIn(Schema):
    given_name: str = Field("", max_length=100)
    family_name: str = Field(max_length=100)
    email: str = Field("", max_length=254)
    phone: str = Field("", max_length=30)
    documents: list[str] = Field([], max_length=20)
    note: str = Field("", max_length=actions.LONGEST_NOTE)


class MoveIn(Schema):
    starts_at: AwareDatetime
    site: int | None = None


class AppointmentOut(Schema):
    ref: str
    status: str
    reason: int
    reason_label: str = Field(alias="reason.label")
    site: int = Field(alias="site_id")
    site_name: str = Field(alias="site.name")
    starts_at: dt.datetime
    ends_at: dt.datetime
    held_until: dt.datetime | None
    documents: list[str]
    note: str

    @staticmethod
    def resolve_reason(obj: Appointment) -> int:
        return obj.reason_id

    @staticmethod
    def resolve_starts_at(obj: Appointment) -> dt.datetime:
        return obj.starts_at.astimezone(obj.authority.zone)

    @staticmethod
    def resolve_ends_at(obj: Appointment) -> dt.datetime:
        return obj.ends_at.astimezone(obj.authority.zone)

    @staticmethod
    def resolve_held_until(obj: Appointment) -> dt.datetime | None:
        return obj.held_until and obj.held_until.astimezone(obj.authority.zone)

    @staticmethod
    def resolve_documents(obj: Appointment) -> list[str]:
        return list(obj.answers.get("documents", []))

    @staticmethod
    def resolve_note(obj: Appointment) -> str:
        return str(obj.answers.get("note", ""))


class Alternative(Schema):
    starts_at: dt.datetime
    site: int


class TakenProblem(Problem):
    """The slot is gone, or is not offered; the nearest ones that are."""

    alternatives: list[Alternative] = []


Span = Annotated[dt.date | None, Query(description="Local day, included.")]
TAKEN = {409: TakenProblem}


@router.get("/reasons", auth=anyone, response={200: list[ReasonOut], **errors(401)})
def list_reasons(request: HttpRequest) -> list[ReasonOut]:
    """What residents may book."""
    return [
        ReasonOut(
            id=reason.pk,
            label=reason.label,
            service=reason.service.name,
            duration=reason.duration,
            channel=reason.channel,
            documents=reason.documents,
        )
        for reason in public_reasons(_actor(request).authority)
    ]


@router.get("/agents", auth=api_key, response={200: list[AgentOut], **errors(401, 403)})
def list_agents(request: HttpRequest) -> list[AgentOut]:
    """Who receives. For agents’ systems."""
    actor = _actor(request)
    actor.require("appointments.see")
    agents = Agent.objects.filter(authority=actor.authority, is_active=True)
    return [AgentOut(id=a.pk, name=a.name, external_id=a.external_id) for a in agents]


@router.get("/slots", auth=anyone, response={200: SlotsOut, **errors(401, 404, 422)})
def list_slots(
    request: HttpRequest,
    reason: int,
    site: int | None = None,
    agent: int | None = None,
    first_day: Span = None,
    last_day: Span = None,
) -> HttpResponse:
    """Every slot of a reason, in order; at one site or at all, over days of the authority’s zone."""
    actor = _actor(request)
    staff = actor.may("appointments.see")
    asked = _reason(actor, reason)
    wanted = Selection(asked, _site(actor, site), agent if staff else None)
    return _as_json(asked, find_slots(wanted, _period(actor, asked, first_day, last_day)), staff)


@router.get(
    "/first-slots", auth=anyone, response={200: list[FirstSlotOut], **errors(401, 404, 422)}
)
def list_first_slots(
    request: HttpRequest, reason: int, first_day: Span = None, last_day: Span = None
) -> list[FirstSlotOut]:
    """The first slot of a reason at each site that has one, the earliest first."""
    actor = _actor(request)
    asked = _reason(actor, reason)
    zone = actor.authority.zone
    return [
        FirstSlotOut(site=site.pk, name=site.name, starts_at=moment.astimezone(zone))
        for site, moment in first_in_sites(asked, _period(actor, asked, first_day, last_day))
    ]


@router.post(
    "/holds",
    auth=anyone,
    response={201: AppointmentOut, **errors(401, 403, 404, 422, 429), **TAKEN},
)
@decorate_view(few_holds)
def create_hold(
    request: HttpRequest,
    data: HoldIn,
    idempotency_key: Annotated[str | None, Header(alias="Idempotency-Key", max_length=100)] = None,
) -> Status[Appointment]:
    """Keep a slot for five minutes. With an `Idempotency-Key` a repeated request is the same hold."""
    actor = _actor(request)
    staff = actor.may("appointments.book")
    reason = _reason(actor, data.reason)
    wanted = Selection(reason, _site(actor, data.site), data.agent if staff else None)
    _possible(data.starts_at)
    try:
        held = actions.hold(
            actor, wanted, data.starts_at, origin=Origin.API, request_key=idempotency_key
        )
    except actions.SlotTaken as taken:
        raise _conflict(_actor(request), taken) from taken
    except actions.RequestKeyReused as reused:
        raise Unprocessable(_("Cette clé a déjà servi pour une autre demande.")) from reused
    return Status(201, held)


@router.post(
    "/holds/{ref}/extend", auth=anyone, response={200: AppointmentOut, **errors(401, 404, 409)}
)
def extend_hold(request: HttpRequest, ref: str) -> Appointment:
    """Five more minutes, once."""
    try:
        return actions.extend(_actor(request), _by_ref(request, ref))
    except actions.NotPossible as refusal:
        raise Conflict(str(refusal)) from refusal


@router.post(
    "/holds/{ref}/confirm",
    auth=anyone,
    response={200: AppointmentOut, **errors(401, 404, 422), **TAKEN},
)
def confirm_hold(request: HttpRequest, ref: str, data: ContactIn) -> Appointment:
    """Book what was held. Doing it twice changes nothing."""
    contact = actions.Contact(data.given_name, data.family_name, data.email, data.phone)
    given = actions.Given(data.documents, data.note)
    try:
        return actions.confirm(_actor(request), _by_ref(request, ref), contact, given)
    except actions.SlotTaken as taken:
        raise _conflict(_actor(request), taken) from taken
    except actions.NotPossible as refusal:
        raise Conflict(str(refusal)) from refusal


@router.get("/appointments/{ref}", auth=anyone, response={200: AppointmentOut, **errors(401, 404)})
def get_appointment(request: HttpRequest, ref: str) -> Appointment:
    """One appointment, by the reference its owner was given."""
    return _by_ref(request, ref)


@router.post(
    "/appointments/{ref}/move",
    auth=anyone,
    response={200: AppointmentOut, **errors(401, 404, 422, 429), **TAKEN},
)
@decorate_view(few_moves)
def move_appointment(request: HttpRequest, ref: str, data: MoveIn) -> Appointment:
    """Another slot for the same reason; the old one is kept until the new one is won."""
    actor = _actor(request)
    _possible(data.starts_at)
    site = door(Site, actor, pk=data.site) if data.site is not None else None
    try:
        return actions.reschedule(actor, _by_ref(request, ref), data.starts_at, site)
    except actions.SlotTaken as taken:
        raise _conflict(_actor(request), taken) from taken
    except actions.NotPossible as refusal:
        raise Conflict(str(refusal)) from refusal


@router.delete("/appointments/{ref}", auth=anyone, response={204: None, **errors(401, 404, 409)})
def cancel_appointment(request: HttpRequest, ref: str) -> Status[None]:
    """Cancel a booking, or give up a hold. Doing it twice changes nothing."""
    try:
        actions.cancel(_actor(request), _by_ref(request, ref))
    except actions.NotPossible as refusal:
        raise Conflict(str(refusal)) from refusal
    return Status(204, None)


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _reason(actor: Actor, number: int) -> Reason:
    """Residents see what is open to them, agents’ systems every active reason."""
    if actor.may("appointments.see"):
        everything = Reason.objects.filter(is_active=True).select_related("authority")
        return door(everything, actor, pk=number)
    return door(public_reasons(actor.authority), actor, pk=number)


def _site(actor: Actor, number: int | None) -> int | None:
    return None if number is None else door(Site, actor, pk=number).pk


def _by_ref(request: HttpRequest, ref: str) -> Appointment:
    related = Appointment.objects.select_related("reason__authority", "site", "agent", "authority")
    return door(related, _actor(request), ref=ref.replace("\x00", ""))


def _period(
    actor: Actor, reason: Reason, first_day: dt.date | None, last_day: dt.date | None
) -> Period:
    for day in (first_day, last_day):
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise Unprocessable(_("Les jours vont de l’an 2000 à l’an 2099."))
    bookable = bookable_period(reason)
    if not actor.may("appointments.see"):
        return within(bookable, first_day, last_day)
    first = first_day or timezone.localdate(timezone=actor.authority.zone)
    last = last_day or max(first, bookable.last_day)
    if last - first > LONGEST_SPAN:
        raise Unprocessable(_("Demandez un an au plus."))
    return Period(first, last)


def _possible(moment: dt.datetime) -> None:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise Unprocessable(_("Les jours vont de l’an 2000 à l’an 2099."))


def _as_json(reason: Reason, slots: Slots, staff: bool) -> HttpResponse:
    """The answer of `list_slots`, written without a check per slot: there may be 20 000."""
    zone = reason.authority.zone
    said: dict[int, str] = {}
    found: dict[tuple[int, int], list[int]] = {}
    rows = zip(slots.start.tolist(), slots.site.tolist(), slots.agent.tolist(), strict=True)
    for start, site, agent in rows:
        found.setdefault((start, site), []).append(agent)
        if start not in said:
            said[start] = moment_of(start).astimezone(zone).isoformat()
    slots_text = ",".join(
        f'{{"starts_at":"{said[start]}","site":{site},"free":{len(agents)},'
        f'"agents":{agents if staff else []}}}'
        for (start, site), agents in found.items()
    )
    head = {"reason": reason.pk, "duration": reason.duration, "time_zone": zone.key}
    body = f'{json.dumps(head)[:-1]},"slots":[{slots_text}]}}'
    response = HttpResponse(body, content_type="application/json; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response


def _conflict(actor: Actor, taken: actions.SlotTaken) -> Conflict:
    zone = actor.authority.zone
    nearest = [
        {"starts_at": slot.starts_at.astimezone(zone).isoformat(), "site": slot.site_id}
        for slot in taken.alternatives
    ]
    return Conflict(str(taken), alternatives=nearest)
