"""How the reception shows elsewhere: on the desk, the portal, « mes démarches » and the cord."""

from __future__ import annotations

import unicodedata

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from beffroi.base.access.public import Actor
from beffroi.base.authorities.models import Authority
from beffroi.base.design.words import say_date, say_time
from beffroi.base.desk.public import WorkItem
from beffroi.base.people.public import Person, Procedure
from beffroi.base.portal.public import Hit
from beffroi.base.provenance.public import Step, chain

from .models import Appointment, Status
from .queries import AgendaFilter, agenda, bookable_period, first_in_sites, public_reasons

#: Reasons asked for the hint of the door: the first of the list that has a slot is named.
HINTED = 5


def missing_documents(appointment: Appointment) -> list[str]:
    """What is asked for and was not announced by the resident."""
    has = set(appointment.answers.get("documents", []))
    return [document for document in appointment.reason.documents if document not in has]


def summary(appointment: Appointment) -> str:
    """The file in a few words: « dossier complet, 3 pièces », « manque : photo »."""
    asked = len(appointment.reason.documents)
    missing = missing_documents(appointment)
    if missing:
        return _("manque : %(documents)s") % {"documents": ", ".join(missing)}
    if asked:
        return _("dossier annoncé complet, %(number)s pièces") % {"number": asked}
    return _("aucune pièce demandée")


def work_of(actor: Actor) -> list[WorkItem]:
    """Today’s appointments that wait for an agent, those of the actor first marked as his."""
    if not actor.may("appointments.see"):
        return []
    today = timezone.localdate(timezone=actor.authority.zone)
    account = actor.account
    unnamed = _("sans nom")
    items = []
    for appointment in agenda(actor, today, today, AgendaFilter()):
        if appointment.status != Status.CONFIRMED:
            continue
        service = appointment.reason.service
        person = appointment.agent.person_id
        items.append(
            WorkItem(
                kind=_("Rendez-vous"),
                ref=appointment.ref,
                title=f"{appointment.reason.label} · {appointment.person or unnamed}",
                detail=f"{summary(appointment)} · {appointment.agent.name}",
                at=appointment.starts_at,
                url=reverse("appointments:file", args=[appointment.ref]),
                mine=account is not None and person is not None and person == account.person_id,
                team=actor.service_ids is None or service.pk in actor.service_ids,
                service=service.name,
            )
        )
    return items


def procedures_of(person: Person) -> list[Procedure]:
    """A resident’s own appointments, for « mes démarches »."""
    mine = Appointment.objects.filter(
        person=person, status__in=[Status.CONFIRMED, Status.CANCELLED, Status.HONOURED]
    ).select_related("reason", "site")
    return [
        Procedure(
            kind_label=_("Rendez-vous"),
            title=appointment.reason.label,
            detail=_("%(place)s (%(state)s)")
            % {"place": appointment.site.name, "state": appointment.get_status_display()},
            at=appointment.starts_at,
            url=reverse("appointments:appointment", args=[appointment.ref]),
        )
        for appointment in mine[:100]
    ]


def door_hint(authority: Authority) -> str:
    """« Passeport : dès jeudi 10 h 20 », or how to ask when nothing is free."""
    return first_slots(authority) or _("Au guichet, par téléphone ou en ligne")


def first_slots(authority: Authority) -> str:
    """The first slot of the first reason that has one, in words; empty when none has."""
    for reason in public_reasons(authority)[:HINTED]:
        first = first_in_sites(reason, bookable_period(reason))
        if first:
            local = first[0][1].astimezone(authority.zone)
            language = get_language() or "fr"
            return _("%(reason)s : dès %(day)s %(time)s") % {
                "reason": reason.label,
                "day": say_date(local.date(), language),
                "time": say_time(local, language),
            }
    return ""


def search(authority: Authority, text: str) -> list[Hit]:
    """Reasons whose words are in the question, or that begin with it."""
    words = {word for word in _plain(text).split() if len(word) > 3}
    if not words:
        return []
    return [
        Hit(
            title=reason.label,
            extract=reason.summary
            or _("Prendre rendez-vous, %(minutes)s minutes") % {"minutes": reason.duration},
            url=reverse("appointments:sites", args=[reason.pk]),
            kind=_("Rendez-vous"),
        )
        for reason in public_reasons(authority)
        if any(
            _same_word(asked, known) for asked in words for known in _plain(reason.label).split()
        )
    ][:10]


def steps_of(appointment: Appointment, actor: Actor) -> list[Step]:
    """The cord of one appointment: what led to it, itself, and what the agent has to note then."""
    steps = chain(appointment, actor)
    if appointment.status == Status.CONFIRMED:
        steps.append(
            Step(
                kind_label=_("Ensuite"),
                title=_("Noter si la personne est venue"),
                at=appointment.ends_at,
                state="next",
            )
        )
    elif appointment.status in (Status.HONOURED, Status.NO_SHOW):
        title = (
            _("La personne est venue")
            if appointment.status == Status.HONOURED
            else _("La personne n’est pas venue")
        )
        steps.append(Step(kind_label=_("Rendez-vous"), title=title, at=appointment.changed_at))
    return steps


def describe_appointment(id: int, version: int | None, actor: Actor) -> Step | None:
    """The appointment as a knot of the cord."""
    appointment = (
        Appointment.objects.filter(pk=id, authority=actor.authority)
        .select_related("reason", "agent", "site")
        .first()
    )
    if appointment is None or not actor.may("appointments.see"):
        return None
    coming = appointment.status in (Status.HELD, Status.CONFIRMED)
    return Step(
        kind_label=_("Rendez-vous"),
        title=appointment.reason.label,
        detail=f"{appointment.agent.name}, {appointment.site.name} · {appointment.get_status_display()}",
        at=appointment.starts_at,
        url=reverse("appointments:file", args=[appointment.ref]),
        state="next" if coming else "done",
    )


def _plain(text: str) -> str:
    """Lower case, without accents nor punctuation."""
    letters = unicodedata.normalize("NFKD", text.lower())
    kept = (c for c in letters if not unicodedata.combining(c))
    return "".join(c if c.isalnum() else " " for c in kept)


def _same_word(asked: str, known: str) -> bool:
    """« passeports » asks for « passeport »: one begins with the other, but for a short ending."""
    shorter, longer = sorted((asked, known), key=len)
    return len(shorter) > 3 and longer.startswith(shorter) and len(longer) - len(shorter) <= 2
