"""What can be done with workshops, sessions and registrations, each in one transaction."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from beffroi.accessible.reception.appointments.public import ResourceKind, keep
from beffroi.base.access.public import Actor
from beffroi.base.audit.public import record
from beffroi.base.outbox.public import emit
from beffroi.base.people.public import person_for

from . import letters, seats
from .models import (
    ALIVE,
    SEATED,
    ProposalState,
    Registration,
    RegistrationState,
    Session,
    Workshop,
)


class NotPossible(Exception):
    """The state of things does not allow it any more; the message says why and what to do."""


class AlreadyRegistered(NotPossible):
    """The same person registered before; the link was sent again, to the address only."""


@dataclass(frozen=True)
class Participant:
    given_name: str = ""
    family_name: str = ""
    email: str = ""
    phone: str = ""
    needs: str = ""


@transaction.atomic
def propose(actor: Actor, workshop: Workshop, session: Session) -> Workshop:
    """A workshop with its first date: waits for an agent when a partner proposes it."""
    actor.require("workshops.propose")
    staff = actor.may("workshops.manage")
    workshop.authority = actor.authority
    workshop.state = ProposalState.APPROVED if staff else ProposalState.PROPOSED
    workshop.proposed_by = actor.account.person if actor.account else None
    workshop.save()
    session.authority, session.workshop = actor.authority, workshop
    session.save()
    record(actor, "workshop.proposed", workshop)
    emit("workshop_proposed", workshop)
    if staff:
        seats.tell(session)
    return workshop


@transaction.atomic
def decide(actor: Actor, workshop: Workshop, accepted: bool, why: str = "") -> Workshop:
    """Accept or refuse what a partner proposed; the partner reads why."""
    actor.require("workshops.manage")
    workshop = Workshop.objects.select_for_update(of=("self",)).get(pk=workshop.pk)
    if not accepted and not why.strip():
        raise ValidationError(_("Dites au partenaire pourquoi, en une phrase."))
    workshop.state = ProposalState.APPROVED if accepted else ProposalState.REFUSED
    workshop.refusal = "" if accepted else why.strip()
    workshop.save(update_fields=["state", "refusal"])
    emit("workshop_decided", workshop, accepted=accepted)
    record(actor, "workshop.decided", workshop, accepted=accepted)
    letters.decided(workshop)
    return workshop


@transaction.atomic
def save_workshop(actor: Actor, workshop: Workshop) -> Workshop:
    actor.require("workshops.manage")
    workshop.save()
    record(actor, "workshop.changed", workshop)
    return workshop


@transaction.atomic
def save_session(actor: Actor, session: Session) -> Session:
    """Add a date, or change one: everybody who comes is told of another time or place.

    Fewer seats than are taken is refused; more are offered at once to those who wait.
    """
    actor.require("workshops.manage")
    before = _locked(session) if session.pk else None
    if before is not None:
        number = seats.taken([session]).get(session.pk, 0)
        if session.seats < number:
            raise ValidationError(
                _("%(number)s places sont déjà prises : on ne peut pas descendre au-dessous.")
                % {"number": number}
            )
        session.version = before.version + 1
    session.authority = actor.authority
    session.save()
    record(actor, "session.changed" if before else "session.created", session)
    if before is not None:
        moved = (before.starts_at, before.ends_at, before.where) != (
            session.starts_at,
            session.ends_at,
            session.where,
        )
        if moved:
            _seats_follow(session, before)
            letters.moved(session, _alive(session))
        seats.offer_freed(session)
    seats.tell(session)
    return session


@transaction.atomic
def cancel_session(actor: Actor, session: Session) -> Session:
    """It does not take place: everybody who comes or waits is told."""
    actor.require("workshops.manage")
    session = _locked(session)
    if session.is_cancelled:
        return session
    session.is_cancelled = True
    session.version += 1
    session.save(update_fields=["is_cancelled", "version"])
    letters.session_cancelled(session, _alive(session))
    emit("workshop_session_cancelled", session)
    record(actor, "session.cancelled", session)
    seats.tell(session)
    return session


def register(
    actor: Actor, session: Session, participant: Participant, *, by_agent: bool = False
) -> Registration:
    """A seat if one is free and nobody waits, else the next place in the waiting list.

    Raises NotPossible when the session is over or cancelled, AlreadyRegistered for the same name
    and address, ValidationError without a name or a way to answer.
    """
    if by_agent:
        actor.require("workshops.manage")
    _check(participant)
    with transaction.atomic():
        session = _locked(session)
        if not session.is_open or session.workshop.state != ProposalState.APPROVED:
            raise NotPossible(_("Les inscriptions à cette séance sont closes."))
        known = _known(actor, session, participant, by_agent)
        if known is not None:
            letters.registered(known, again=True)
        else:
            return _register(actor, session, participant, by_agent)
    raise AlreadyRegistered(
        _("Une inscription existe déjà à ce nom. Son lien vient d’être renvoyé par courriel.")
    )


def _register(
    actor: Actor, session: Session, participant: Participant, by_agent: bool
) -> Registration:
    own = actor.account is not None and not actor.is_agent and not by_agent
    registration = Registration.objects.create(
        authority=session.authority,
        session=session,
        person=person_for(
            actor if own else session.authority,
            participant.given_name,
            participant.family_name,
            participant.email,
            participant.phone,
        ),
        state=RegistrationState.WAITING,
        needs=participant.needs.strip(),
    )
    alone = not Registration.objects.filter(
        session=session, state=RegistrationState.WAITING, pk__lt=registration.pk
    ).exists()
    if alone and seats.take(registration):
        registration.state = RegistrationState.REGISTERED
        registration.save(update_fields=["state"])
    letters.registered(registration)
    emit("workshop_registered", registration, state=registration.state)
    record(actor, "registration.created", registration, by_agent=by_agent)
    seats.tell(session)
    return registration


def accept(actor: Actor, registration: Registration) -> Registration:
    """Take the seat that was offered. Raises NotPossible once it was given on."""
    with transaction.atomic():
        session, registration = _locked_pair(registration)
        if registration.state == RegistrationState.REGISTERED:
            return registration
        if registration.state != RegistrationState.OFFERED or not session.is_open:
            raise NotPossible(_("Cette place n’est plus proposée."))
        in_time = keep(ResourceKind.SESSION, registration.pk, None)
        if in_time or seats.take(registration):
            registration.state, registration.offered_until = RegistrationState.REGISTERED, None
            registration.version += 1
            registration.save(update_fields=["state", "offered_until", "version"])
            letters.registered(registration)
            emit("workshop_registered", registration, state=registration.state)
            record(actor, "registration.accepted", registration)
            seats.tell(session)
            return registration
        _lapse(session, registration)
    raise NotPossible(_("Le délai est passé : la place est allée à la personne suivante."))


def leave(actor: Actor, registration: Registration, *, by_agent: bool = False) -> Registration:
    """Give up a seat or a place in the list; the next who waits is asked at once."""
    if by_agent:
        actor.require("workshops.manage")
    with transaction.atomic():
        session, registration = _locked_pair(registration)
        if registration.state not in ALIVE:
            return registration
        if not session.is_open and not by_agent:
            raise NotPossible(_("Cette séance est passée ou annulée."))
        seats.free(registration)
        registration.state, registration.offered_until = RegistrationState.CANCELLED, None
        registration.version += 1
        registration.save(update_fields=["state", "offered_until", "version"])
        letters.left(registration)
        emit("workshop_left", registration)
        record(actor, "registration.cancelled", registration, by_agent=by_agent)
        seats.offer_freed(session)
    return registration


def lapse(registration: Registration) -> None:
    """End an offer that was not answered in time, and ask the next."""
    with transaction.atomic():
        session, registration = _locked_pair(registration)
        until = registration.offered_until
        if registration.state == RegistrationState.OFFERED and until and until <= timezone.now():
            _lapse(session, registration)
            record(
                Actor.system(session.authority, "workshops"), "registration.lapsed", registration
            )


def note_presence(actor: Actor, registration: Registration, came: bool | None) -> None:
    """Who came; None when it is not known."""
    actor.require("workshops.manage")
    with transaction.atomic():
        registration.attended = came
        registration.save(update_fields=["attended"])
        record(actor, "registration.presence", registration, came=came)


def _lapse(session: Session, registration: Registration) -> None:
    seats.free(registration)
    registration.state, registration.offered_until = RegistrationState.LAPSED, None
    registration.version += 1
    registration.save(update_fields=["state", "offered_until", "version"])
    letters.lapsed(registration)
    seats.offer_freed(session)


def _locked(session: Session) -> Session:
    """The session as it is now; whoever gives or frees a seat of it waits for the one before."""
    return (
        Session.objects.select_for_update(of=("self",))
        .select_related("workshop__proposed_by", "authority", "site")
        .get(pk=session.pk)
    )


def _locked_pair(registration: Registration) -> tuple[Session, Registration]:
    session = _locked(registration.session)
    fresh = Registration.objects.select_related("person", "authority").get(pk=registration.pk)
    fresh.session = session
    return session, fresh


def _alive(session: Session) -> list[Registration]:
    found = Registration.objects.filter(session=session, state__in=ALIVE)
    return list(found.select_related("person", "authority", "session__workshop", "session__site"))


def _seats_follow(session: Session, before: Session) -> None:
    """Claims name the time of the session: at another time they are taken anew, in order."""
    if session.starts_at == before.starts_at:
        return
    for registration in Registration.objects.filter(session=session, state__in=SEATED).order_by(
        "pk"
    ):
        registration.session = session
        seats.free(registration)
        seats.take(registration, registration.offered_until)


def _known(
    actor: Actor, session: Session, participant: Participant, by_agent: bool
) -> Registration | None:
    """The registration of the same person, if he has one."""
    alive = Registration.objects.filter(session=session, state__in=ALIVE).select_related(
        "person", "session__workshop", "session__site", "authority"
    )
    if actor.account is not None and not actor.is_agent and not by_agent:
        return alive.filter(person=actor.account.person_id).first()
    if not participant.email.strip():
        return None
    return alive.filter(
        person__email__iexact=participant.email.strip(),
        person__family_name__iexact=participant.family_name.strip(),
        person__given_name__iexact=participant.given_name.strip(),
    ).first()


def _check(participant: Participant) -> None:
    given = (participant.given_name, participant.family_name, participant.email, participant.phone)
    if any("\x00" in text for text in (*given, participant.needs)):
        raise ValidationError(_("Un caractère interdit s’est glissé dans votre texte."))
    if not participant.family_name.strip():
        raise ValidationError(_("Indiquez votre nom."))
    if not (participant.email.strip() or participant.phone.strip()):
        raise ValidationError(_("Indiquez un courriel ou un téléphone."))
    if participant.email.strip():
        validate_email(participant.email.strip())
    if (
        max(map(len, given[:2])) > 100
        or len(participant.phone) > 30
        or len(participant.needs) > 500
    ):
        raise ValidationError(_("Un texte est trop long."))
