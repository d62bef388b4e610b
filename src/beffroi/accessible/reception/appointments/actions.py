"""What can be done with an appointment. Each action is one transaction: permission, change,
event and trace. The slot itself is decided by the constraint on claims, never by a check."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from beffroi.base.access.public import Actor
from beffroi.base.audit.public import record
from beffroi.base.authorities.models import Site
from beffroi.base.outbox.public import announce, emit
from beffroi.base.people.public import Person, person_for
from beffroi.base.provenance.public import link
from beffroi.base.tasks.public import enqueue

from . import claims, letters
from .availability import Selection
from .engine.grid import cell_after, cell_of
from .models import (
    Absence,
    Agent,
    Appointment,
    Origin,
    Reason,
    ResourceKind,
    Status,
    new_stamp,
)
from .queries import Period, Slot, bookable_period, candidates, nearest

HOLD = dt.timedelta(minutes=5)
LONGEST_NOTE = 1000


class SlotTaken(Exception):
    """Somebody was faster, or the time is not offered. Carries the nearest slots that are."""

    def __init__(self, alternatives: list[Slot]) -> None:
        super().__init__(_("Ce créneau vient d’être pris."))
        self.alternatives = alternatives


class RequestKeyReused(Exception):
    """The same Idempotency-Key came with another request."""


class NotPossible(Exception):
    """The appointment is no longer in a state that allows the action; the message says why."""


@dataclass(frozen=True)
class Contact:
    """What the resident gives of himself: a name, and an e-mail or a telephone number."""

    given_name: str = ""
    family_name: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Given:
    """What the resident gives for the agent: documents he says he has, a note."""

    documents: list[str] = field(default_factory=list)
    note: str = ""


def hold(
    actor: Actor,
    wanted: Selection,
    starts_at: dt.datetime,
    *,
    origin: Origin = Origin.WEB,
    request_key: str | None = None,
    instead_of: Appointment | None = None,
    cause: Model | None = None,
) -> Appointment:
    """Keep a slot for five minutes.

    `request_key`: the same key gives the same appointment again. `instead_of`: a hold of the same
    person, given up first. `cause`: what led here (a conversation), kept as provenance. Agents
    are not bound by the notice of the reason. Raises SlotTaken with the nearest slots.
    """
    if origin in (Origin.COUNTER, Origin.PHONE):
        actor.require("appointments.book")
    if request_key and (known := _of_request(actor, wanted, starts_at, request_key)):
        return known
    if instead_of is not None and instead_of.status == Status.HELD:
        give_up(actor, instead_of)
    free = candidates(wanted, starts_at, _period(actor, wanted.reason, starts_at))
    for agent_id, site_id in free:
        try:
            return _hold_with(
                actor, wanted.reason, agent_id, site_id, starts_at, origin, request_key, cause
            )
        except claims.Taken:
            continue
        except IntegrityError:
            # The same request came twice at once: the other one has been written.
            if not request_key:
                raise
            break
    # Asked again: the slot may be gone because this very request, sent twice, has won it.
    if request_key and (known := _of_request(actor, wanted, starts_at, request_key)):
        return known
    raise SlotTaken(nearest(wanted, starts_at))


@transaction.atomic
def _hold_with(
    actor: Actor,
    reason: Reason,
    agent_id: int,
    site_id: int,
    starts_at: dt.datetime,
    origin: Origin,
    request_key: str | None,
    cause: Model | None,
) -> Appointment:
    until = timezone.now() + HOLD
    appointment = Appointment.objects.create(
        authority=actor.authority,
        reason=reason,
        agent_id=agent_id,
        site_id=site_id,
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(minutes=reason.duration),
        origin=origin,
        held_until=until,
        request_key=request_key,
    )
    _take(appointment, until)
    if cause is not None:
        link(appointment, cause)
    enqueue("appointments.expire", appointment_id=appointment.pk, at=until)
    record(actor, "appointment.held", appointment)
    return appointment


def extend(actor: Actor, appointment: Appointment) -> Appointment:
    """Five more minutes, once. Raises NotPossible when it was done or when the hold is over."""
    with transaction.atomic():
        appointment = _locked(appointment)
        if appointment.extended:
            raise NotPossible(_("La réservation a déjà été prolongée une fois."))
        until = timezone.now() + HOLD
        still_mine = appointment.is_live and appointment.status == Status.HELD
        if not still_mine or not claims.keep(ResourceKind.AGENT, appointment.pk, until):
            raise NotPossible(_("La réservation provisoire est terminée."))
        appointment.held_until, appointment.extended = until, True
        appointment.save(update_fields=["held_until", "extended", "changed_at"])
        _changed(appointment)
        enqueue("appointments.expire", appointment_id=appointment.pk, at=until)
        record(actor, "appointment.extended", appointment)
    return appointment


def confirm(actor: Actor, appointment: Appointment, contact: Contact, given: Given) -> Appointment:
    """Book what was held. Confirming twice is confirming once.

    A hold that is over is taken again if nobody took it meanwhile; else SlotTaken is raised with
    the nearest slots. Raises ValidationError when there is no name, or neither e-mail nor phone.
    """
    _check(contact, given, appointment.reason)
    try:
        with transaction.atomic():
            appointment = _locked(appointment)
            if appointment.status == Status.CONFIRMED:
                return appointment
            if appointment.status not in (Status.HELD, Status.EXPIRED):
                raise NotPossible(_("Ce rendez-vous a été annulé."))
            if not claims.keep(ResourceKind.AGENT, appointment.pk, None):
                _take(appointment, None)
            appointment.person = _person(actor, appointment, contact)
            appointment.answers = {"documents": given.documents, "note": given.note}
            appointment.status, appointment.held_until = Status.CONFIRMED, None
            appointment.version += 1
            appointment.save()
            _changed(appointment)
            letters.confirmed(appointment, contact.email)
            emit("appointment_confirmed", appointment, starts_at=appointment.starts_at.isoformat())
            record(actor, "appointment.confirmed", appointment, origin=appointment.origin)
    except claims.Taken:
        raise SlotTaken(nearest(_selection(appointment), appointment.starts_at)) from None
    return appointment


def give_up(actor: Actor, appointment: Appointment) -> None:
    """Leave a hold before its end, so that others may have the slot at once."""
    with transaction.atomic():
        appointment = _locked(appointment)
        if appointment.status != Status.HELD:
            return
        _end(appointment, Status.EXPIRED)
        record(actor, "appointment.given_up", appointment)


def expire(appointment: Appointment) -> None:
    """Write down that a hold is over. Nobody waits for it: a claim past its time is void."""
    with transaction.atomic():
        appointment = _locked(appointment)
        if appointment.status == Status.HELD and not appointment.is_live:
            _end(appointment, Status.EXPIRED)


def cancel(actor: Actor, appointment: Appointment, *, by_agent: bool = False) -> Appointment:
    """Free the slot: by the resident, whose link is his key, or by an agent. Twice is once.

    Raises NotPossible for one that is over."""
    if by_agent:
        actor.require("appointments.book")
    with transaction.atomic():
        appointment = _locked(appointment)
        if appointment.status in (Status.CANCELLED, Status.EXPIRED):
            return appointment
        if appointment.status == Status.HELD:
            _end(appointment, Status.EXPIRED)
            return appointment
        if not appointment.can_change and not by_agent:
            raise NotPossible(_("Ce rendez-vous est passé : il ne peut plus être annulé."))
        _end(appointment, Status.CANCELLED)
        letters.cancelled(appointment)
        emit("appointment_cancelled", appointment, by="agent" if by_agent else "resident")
        record(actor, "appointment.cancelled", appointment, by_agent=by_agent)
    return appointment


def reschedule(
    actor: Actor,
    appointment: Appointment,
    starts_at: dt.datetime,
    site: Site | None = None,
    *,
    by_agent: bool = False,
) -> Appointment:
    """Move an appointment to another slot of the same reason; the old one is kept until the new
    one is won. Raises SlotTaken with the nearest slots, or NotPossible."""
    if by_agent:
        actor.require("appointments.book")
    if not appointment.can_change and not (by_agent and appointment.status == Status.CONFIRMED):
        raise NotPossible(_("Ce rendez-vous ne peut plus être déplacé."))
    wanted = Selection(appointment.reason, site.pk if site else None)
    for agent_id, site_id in candidates(
        wanted, starts_at, _period(actor, wanted.reason, starts_at)
    ):
        try:
            return _move(actor, appointment, agent_id, site_id, starts_at)
        except claims.Taken:
            continue
    raise SlotTaken(nearest(wanted, starts_at))


@transaction.atomic
def _move(
    actor: Actor, appointment: Appointment, agent_id: int, site_id: int, starts_at: dt.datetime
) -> Appointment:
    appointment = _locked(appointment)
    if appointment.status != Status.CONFIRMED:
        raise NotPossible(_("Ce rendez-vous ne peut plus être déplacé."))
    before, left = appointment.starts_at, appointment.agent_id
    claims.release(ResourceKind.AGENT, [appointment.pk])
    appointment.agent_id, appointment.site_id = agent_id, site_id
    appointment.starts_at = starts_at
    appointment.ends_at = starts_at + dt.timedelta(minutes=appointment.reason.duration)
    appointment.version += 1
    _take(appointment, None)
    appointment.save()
    appointment = _locked(appointment)
    Agent.objects.filter(pk=left).update(calendar_stamp=new_stamp())
    letters.moved(appointment, before)
    emit("appointment_moved", appointment, starts_at=starts_at.isoformat())
    record(actor, "appointment.moved", appointment)
    return appointment


def mark(actor: Actor, appointment: Appointment, came: bool) -> Appointment:
    """Note whether the person came; may be corrected."""
    actor.require("appointments.book")
    with transaction.atomic():
        appointment = _locked(appointment)
        if appointment.status not in (Status.CONFIRMED, Status.HONOURED, Status.NO_SHOW):
            raise NotPossible(_("Ce rendez-vous a été annulé."))
        appointment.status = Status.HONOURED if came else Status.NO_SHOW
        appointment.save(update_fields=["status", "changed_at"])
        emit("appointment_attended", appointment, came=came)
        record(actor, "appointment.attended", appointment, came=came)
    return appointment


def _of_request(
    actor: Actor, wanted: Selection, starts_at: dt.datetime, request_key: str | None
) -> Appointment | None:
    known = Appointment.objects.filter(authority=actor.authority, request_key=request_key).first()
    if known and (known.reason_id, known.starts_at) != (wanted.reason.pk, starts_at):
        raise RequestKeyReused
    return known


def _period(actor: Actor, reason: Reason, starts_at: dt.datetime) -> Period:
    """Agents book at any time, and write down afterwards who came."""
    if not actor.may("appointments.book"):
        return bookable_period(reason)
    day = starts_at.astimezone(reason.authority.zone).date()
    return Period(day, day)


def _take(appointment: Appointment, until: dt.datetime | None) -> None:
    """Claim the agent’s time. Raises claims.Taken; the caller’s transaction is then undone."""
    away = Absence.objects.filter(
        agent=appointment.agent_id,
        starts_at__lt=appointment.ends_at,
        ends_at__gt=appointment.starts_at,
    )
    if away.exists():
        raise claims.Taken
    first, end = cell_of(appointment.starts_at), cell_after(appointment.ends_at)
    claims.claim(
        ResourceKind.AGENT,
        appointment.agent_id,
        range(first, end),
        appointment.pk,
        expires_at=until,
    )
    _changed(appointment)


def _end(appointment: Appointment, status: Status) -> None:
    claims.release(ResourceKind.AGENT, [appointment.pk])
    appointment.status, appointment.held_until = status, None
    appointment.version += 1
    appointment.save(update_fields=["status", "held_until", "version", "changed_at"])
    _changed(appointment)


def _changed(appointment: Appointment) -> None:
    """Tell searches and open pages that this agent’s slots are others now."""
    Agent.objects.filter(pk=appointment.agent_id).update(calendar_stamp=new_stamp())
    authority = appointment.authority
    announce([f"/slots/{authority.slug}"], {"reason": appointment.reason_id})
    announce([f"/desk/{authority.slug}"], {"room": "appointments"}, private=True)


def _locked(appointment: Appointment) -> Appointment:
    """The row as it is now; nobody else changes it until the transaction ends."""
    return (
        Appointment.objects.select_for_update(of=("self",))
        .select_related("reason__service", "agent", "site", "person", "authority")
        .get(pk=appointment.pk)
    )


def _selection(appointment: Appointment) -> Selection:
    return Selection(appointment.reason, appointment.site_id)


def _person(actor: Actor, appointment: Appointment, contact: Contact) -> Person:
    """A resident who is signed in is himself; whoever else is named is a new person."""
    own = actor.account is not None and not actor.is_agent and appointment.origin == Origin.WEB
    return person_for(
        actor if own else appointment.authority,
        contact.given_name,
        contact.family_name,
        contact.email,
        contact.phone,
    )


def _check(contact: Contact, given: Given, reason: Reason) -> None:
    texts = [contact.given_name, contact.family_name, contact.email, contact.phone, given.note]
    if any("\x00" in text for text in texts):
        raise ValidationError(_("Un caractère interdit s’est glissé dans votre texte."))
    if not contact.family_name.strip():
        raise ValidationError(_("Indiquez votre nom."))
    if not (contact.email.strip() or contact.phone.strip()):
        raise ValidationError(_("Indiquez un courriel ou un téléphone."))
    if contact.email.strip():
        validate_email(contact.email.strip())
    if max(len(contact.given_name), len(contact.family_name)) > 100 or len(contact.phone) > 30:
        raise ValidationError(_("Un nom a 100 caractères au plus, un téléphone 30."))
    if len(given.note) > LONGEST_NOTE:
        raise ValidationError(_("Le message est trop long : 1 000 caractères au plus."))
    if set(given.documents) - set(reason.documents):
        raise ValidationError(_("Une pièce cochée n’est pas demandée pour ce motif."))
