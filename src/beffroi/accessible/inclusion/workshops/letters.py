"""What is written to participants and partners, in their language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beffroi.accessible.reception.appointments.public import Entry, ics
from beffroi.base.design.words import say_moment
from beffroi.base.notify.public import Attached, absolute_url, declare_kind, send_mail

from .models import ProposalState, Registration, RegistrationState, Session, Workshop

KIND = declare_kind(
    "workshops.letter", gettext_lazy("Suivi de votre inscription à un atelier"), transactional=True
)


def calendar_file(registration: Registration) -> bytes:
    """The session for the participant’s own agenda."""
    session = registration.session
    gone = session.is_cancelled or registration.state != RegistrationState.REGISTERED
    return ics(
        Entry(
            uid=f"{registration.ref}@{session.authority.slug}.beffroi",
            sequence=session.version + registration.version,
            written_at=timezone.now(),
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            summary=session.workshop.title,
            location=session.where,
            description=session.workshop.summary,
            url=_link(registration),
            cancelled=gone,
        )
    )


def registered(registration: Registration, *, again: bool = False) -> None:
    """The confirmation, or the place in the list; `again` for one who lost it, once a minute."""
    repeat = f":{timezone.now():%Y%m%d%H%M}" if again else ""
    with _words(registration) as when:
        if registration.state == RegistrationState.REGISTERED:
            _send(
                registration,
                _("Votre inscription : %(title)s") % _title(registration),
                _("Une place vous est réservée : %(when)s.") % {"when": when},
                with_file=True,
                repeat=repeat,
            )
        else:
            _send(
                registration,
                _("Liste d’attente : %(title)s") % _title(registration),
                _("La séance du %(when)s est complète. Vous êtes sur la liste d’attente.")
                % {"when": when},
                repeat=repeat,
            )


def offered(registration: Registration) -> None:
    until = registration.offered_until
    with _words(registration) as when:
        _send(
            registration,
            _("Une place se libère : %(title)s") % _title(registration),
            _(
                "Une place est libre pour vous, %(when)s. "
                "Répondez avant %(until)s ; ensuite elle va à la personne suivante."
            )
            % {"when": when, "until": _moment(registration.session, until) if until else ""},
        )


def lapsed(registration: Registration) -> None:
    with _words(registration):
        _send(
            registration,
            _("La place n’est plus réservée : %(title)s") % _title(registration),
            _("Sans réponse de votre part, la place est allée à la personne suivante."),
        )


def left(registration: Registration) -> None:
    with _words(registration) as when:
        _send(
            registration,
            _("Inscription annulée : %(title)s") % _title(registration),
            _("Votre inscription pour %(when)s est annulée. Vous n’avez rien à faire.")
            % {"when": when},
            with_file=True,
        )


def moved(session: Session, registrations: Iterable[Registration]) -> None:
    for registration in registrations:
        registration.session = session
        with _words(registration) as when:
            _send(
                registration,
                _("Changement : %(title)s") % _title(registration),
                _("La séance change : %(when)s, %(place)s.")
                % {"when": when, "place": session.where},
                with_file=registration.state == RegistrationState.REGISTERED,
            )


def session_cancelled(session: Session, registrations: Iterable[Registration]) -> None:
    for registration in registrations:
        registration.session = session
        with _words(registration) as when:
            _send(
                registration,
                _("Séance annulée : %(title)s") % _title(registration),
                _("La séance du %(when)s n’aura pas lieu. Nous vous prions de nous excuser.")
                % {"when": when},
                with_file=True,
            )


def decided(workshop: Workshop) -> None:
    """The partner reads whether the proposal is accepted, or why not."""
    partner = workshop.proposed_by
    if partner is None or not partner.email:
        return
    accepted = workshop.state == ProposalState.APPROVED
    with translation.override(partner.language):
        subject = _("Votre proposition d’atelier : %(title)s") % {"title": workshop.title}
        text = (
            _("Votre proposition est acceptée : les habitants peuvent s’inscrire.")
            if accepted
            else _("Votre proposition n’est pas retenue : %(why)s") % {"why": workshop.refusal}
        )
        send_mail(
            workshop.authority,
            partner.email,
            subject,
            "\n\n".join(
                [_("Bonjour,"), text, absolute_url(workshop.authority, "workshops:proposals")]
            ),
            kind=KIND.name,
            subject_obj=workshop,
            occasion=f"{workshop.state}:{timezone.now():%Y%m%d%H%M%S}",
            language=partner.language,
        )


@contextmanager
def _words(registration: Registration) -> Iterator[str]:
    """The reader’s language, and the session’s time said in it."""
    with translation.override(registration.person.language if registration.person else "fr"):
        yield _moment(registration.session, registration.session.starts_at)


def _moment(session: Session, moment: dt.datetime) -> str:
    language = translation.get_language() or "fr"
    return say_moment(moment, session.authority.zone, language, now=timezone.now())


def _title(registration: Registration) -> dict[str, str]:
    return {"title": registration.session.workshop.title}


def _link(registration: Registration) -> str:
    return absolute_url(registration.authority, "workshops:registration", ref=registration.ref)


def _send(
    registration: Registration,
    subject: str,
    opening: str,
    *,
    with_file: bool = False,
    repeat: str = "",
) -> None:
    """Nobody is written to who gave a telephone number only."""
    if registration.person is None or not registration.person.email:
        return
    session = registration.session
    lines = [
        _("Bonjour,"),
        opening,
        _("Atelier : %(title)s") % _title(registration),
        _("Lieu : %(place)s") % {"place": session.where} if session.where else "",
        _("À apporter : %(things)s") % {"things": session.workshop.to_bring}
        if session.workshop.to_bring
        else "",
        _("Voir, répondre ou annuler :\n%(link)s") % {"link": _link(registration)},
        session.authority.name,
    ]
    attachments = (
        [Attached("atelier.ics", "text/calendar; charset=utf-8", calendar_file(registration))]
        if with_file
        else []
    )
    send_mail(
        session.authority,
        registration.person.email,
        subject,
        "\n\n".join(line for line in lines if line),
        kind=KIND.name,
        subject_obj=registration,
        occasion=f"{registration.state}:{session.version}.{registration.version}{repeat}",
        attachments=attachments,
        language=translation.get_language() or "fr",
    )
