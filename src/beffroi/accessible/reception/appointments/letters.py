"""What is written to the resident: confirmation, change, cancellation, each with its ICS file.

The subject names no reason: a mail box is not always read by one person alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beffroi.base.design.words import say_moment
from beffroi.base.notify.public import Attached, absolute_url, declare_kind, send_mail

from .engine.ics import Entry, ics
from .models import Appointment, Status

KIND = declare_kind(
    "appointments.letter", gettext_lazy("Suivi de votre rendez-vous"), transactional=True
)


def calendar_file(appointment: Appointment) -> bytes:
    """The appointment for the resident’s own agenda."""
    authority = appointment.authority
    return ics(
        Entry(
            uid=f"{appointment.ref}@{authority.slug}.beffroi",
            sequence=appointment.version,
            written_at=appointment.changed_at or timezone.now(),
            starts_at=appointment.starts_at,
            ends_at=appointment.ends_at,
            summary=_("Rendez-vous – %(authority)s") % {"authority": authority.name},
            location=_place(appointment),
            description=_what_to_bring(appointment),
            url=absolute_url(authority, "appointments:appointment", ref=appointment.ref),
            cancelled=appointment.status == Status.CANCELLED,
        )
    )


def confirmed(appointment: Appointment, to: str) -> None:
    with _in_words(appointment) as when:
        _send(
            appointment,
            to,
            _("Votre rendez-vous du %(when)s") % {"when": when},
            _("Votre rendez-vous est confirmé : %(when)s.") % {"when": when},
        )


def moved(appointment: Appointment, before: dt.datetime) -> None:
    with _in_words(appointment) as when:
        _send(
            appointment,
            _address(appointment),
            _("Votre rendez-vous est déplacé au %(when)s") % {"when": when},
            _("Votre rendez-vous change. Il était prévu %(before)s ; il est maintenant %(when)s.")
            % {"before": _moment(appointment, before), "when": when},
        )


def cancelled(appointment: Appointment) -> None:
    with _in_words(appointment) as when:
        _send(
            appointment,
            _address(appointment),
            _("Votre rendez-vous du %(when)s est annulé") % {"when": when},
            _("Votre rendez-vous prévu %(when)s est annulé. Vous n’avez rien à faire.")
            % {"when": when},
        )


@contextmanager
def _in_words(appointment: Appointment) -> Iterator[str]:
    """The reader’s language, and the appointment’s time said in it."""
    language = appointment.person.language if appointment.person else "fr"
    with translation.override(language):
        yield _moment(appointment, appointment.starts_at)


def _send(appointment: Appointment, to: str, subject: str, opening: str) -> None:
    """Nobody is written to who gave a telephone number only."""
    if not to.strip():
        return
    authority = appointment.authority
    lines = [
        _("Bonjour,"),
        opening,
        _("Motif : %(reason)s") % {"reason": appointment.reason.label},
        _("Lieu : %(place)s") % {"place": _place(appointment)},
        _what_to_bring(appointment),
        _("Voir, déplacer ou annuler ce rendez-vous :\n%(link)s")
        % {"link": absolute_url(authority, "appointments:appointment", ref=appointment.ref)},
        _("Une question ? %(phone)s") % {"phone": authority.phone} if authority.phone else "",
        authority.name,
    ]
    send_mail(
        authority,
        to.strip(),
        subject,
        "\n\n".join(line for line in lines if line),
        kind=KIND.name,
        subject_obj=appointment,
        occasion=f"v{appointment.version}",
        attachments=[
            Attached("rendez-vous.ics", "text/calendar; charset=utf-8", calendar_file(appointment))
        ],
        language=translation.get_language() or "fr",
    )


def _moment(appointment: Appointment, moment: dt.datetime) -> str:
    language = translation.get_language() or "fr"
    return say_moment(moment, appointment.authority.zone, language, now=timezone.now())


def _address(appointment: Appointment) -> str:
    return appointment.person.email if appointment.person else ""


def _place(appointment: Appointment) -> str:
    site = appointment.site
    return ", ".join(part for part in (site.name, site.postal_address) if part)


def _what_to_bring(appointment: Appointment) -> str:
    documents = appointment.reason.documents
    return (
        _("À apporter : %(documents)s") % {"documents": ", ".join(documents)} if documents else ""
    )
