"""How the workshops show elsewhere: on the desk, the portal, « mes démarches » and the cord."""

from __future__ import annotations

import datetime as dt
import json

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from beffroi.accessible.information.signage.public import Row, Zone
from beffroi.base.access.public import Actor
from beffroi.base.authorities.models import Authority, Site
from beffroi.base.design.words import say_moment, say_short_date, say_time
from beffroi.base.desk.public import WorkItem
from beffroi.base.notify.public import absolute_url
from beffroi.base.people.public import Person, Procedure
from beffroi.base.portal.public import Hit
from beffroi.base.provenance.public import Step

from .models import ALIVE, Registration, RegistrationState, Session, Workshop
from .queries import Shown, desk_sessions, proposals, public_sessions, shown

SOONEST = 10
ON_A_SCREEN = 4


def work_of(actor: Actor) -> list[WorkItem]:
    """Proposals to decide, today’s sessions, and people to call who cannot be written to."""
    if not actor.may("workshops.manage"):
        return []
    return [*_proposals(actor), *_todays(actor), *_to_call(actor)]


def _proposals(actor: Actor) -> list[WorkItem]:
    return [
        WorkItem(
            kind=_("Proposition d’atelier"),
            ref=workshop.ref,
            title=workshop.title,
            detail=str(workshop.proposed_by or _("acteur local")),
            at=workshop.created_at,
            url=reverse("workshops:decide", args=[workshop.ref]),
            team=True,
            severity=1,
        )
        for workshop in proposals(actor.authority)[:50]
    ]


def _todays(actor: Actor) -> list[WorkItem]:
    end = timezone.now() + dt.timedelta(hours=24)
    sessions = [s for s in desk_sessions(actor).filter(starts_at__lt=end) if not s.is_cancelled]
    return [
        WorkItem(
            kind=_("Atelier"),
            ref=one.session.ref,
            title=one.session.workshop.title,
            detail=_("%(taken)s inscrits sur %(seats)s, %(place)s")
            % {"taken": one.taken, "seats": one.session.seats, "place": one.session.where},
            at=one.session.starts_at,
            url=reverse("workshops:desk_session", args=[one.session.ref]),
            team=True,
        )
        for one in shown(sessions)
    ]


def _to_call(actor: Actor) -> list[WorkItem]:
    offers = Registration.objects.filter(
        authority=actor.authority, state=RegistrationState.OFFERED, person__email=""
    ).select_related("person", "session__workshop")
    return [
        WorkItem(
            kind=_("Place à proposer par téléphone"),
            ref=registration.ref,
            title=f"{registration.person} · {registration.person.phone}",
            detail=registration.session.workshop.title,
            at=registration.offered_until or timezone.now(),
            url=reverse("workshops:desk_session", args=[registration.session.ref]),
            team=True,
            severity=2,
        )
        for registration in offers
        if registration.person is not None
    ]


def procedures_of(person: Person) -> list[Procedure]:
    """A resident’s own registrations, for « mes démarches »."""
    mine = Registration.objects.filter(person=person).select_related(
        "session__workshop", "session__site"
    )
    return [
        Procedure(
            kind_label=_("Atelier"),
            title=registration.session.workshop.title,
            detail=_("%(place)s (%(state)s)")
            % {"place": registration.session.where, "state": registration.get_state_display()},
            at=registration.session.starts_at,
            url=reverse("workshops:registration", args=[registration.ref]),
        )
        for registration in mine[:100]
    ]


def door_hint(authority: Authority) -> str:
    """« 4 places : premiers pas en ligne », the soonest session that has seats."""
    for one in shown(list(public_sessions(authority)[:SOONEST])):
        if not one.is_full:
            return ngettext(
                "%(number)s place : %(title)s", "%(number)s places : %(title)s", one.left
            ) % {"number": one.left, "title": one.session.workshop.title}
    return _("Numérique, réparation, rencontres")


def screen_zone(authority: Authority, site: Site | None, language: str) -> Zone:
    """The next sessions, for the screens; each leaves when it begins."""
    rows = []
    for session in public_sessions(authority)[:ON_A_SCREEN]:
        local = session.starts_at.astimezone(authority.zone)
        when = f"{say_short_date(local.date(), language)}, {say_time(local, language)}"
        rows.append(Row(session.workshop.title, when, until=session.starts_at))
    return Zone(_("Prochains ateliers"), rows)


def search(authority: Authority, text: str) -> list[Hit]:
    """Sessions to come whose title or summary holds a word of the question."""
    words = [word for word in text.lower().split() if len(word) > 3][:8]
    language = get_language() or "fr"
    return [
        Hit(
            title=session.workshop.title,
            extract=say_moment(session.starts_at, authority.zone, language, now=timezone.now())
            + f" · {session.where}",
            url=reverse("workshops:session", args=[session.ref]),
            kind=_("Ateliers"),
        )
        for session in public_sessions(authority)[:100]
        if any(
            word in f"{session.workshop.title} {session.workshop.summary}".lower() for word in words
        )
    ][:10]


def describe_registration(id: int, version: int | None, actor: Actor) -> Step | None:
    """A registration as a knot of the cord."""
    registration = (
        Registration.objects.filter(pk=id, authority=actor.authority)
        .select_related("session__workshop")
        .first()
    )
    if registration is None or not actor.may("workshops.manage"):
        return None
    return Step(
        kind_label=_("Inscription"),
        title=registration.session.workshop.title,
        detail=registration.get_state_display(),
        at=registration.session.starts_at,
        url=reverse("workshops:desk_session", args=[registration.session.ref]),
        state="next" if registration.state in ALIVE else "done",
    )


def describe_workshop(id: int, version: int | None, actor: Actor) -> Step | None:
    """A workshop as a knot of the cord."""
    workshop = Workshop.objects.filter(pk=id, authority=actor.authority).first()
    if workshop is None or not actor.may("workshops.manage"):
        return None
    return Step(
        kind_label=_("Atelier"),
        title=workshop.title,
        detail=workshop.get_state_display(),
        at=workshop.created_at,
        url=reverse("workshops:decide", args=[workshop.ref]),
    )


def event_data(one: Shown) -> str:
    """The session as a schema.org Event in JSON-LD, safe inside a `script` element."""
    session: Session = one.session
    zone = session.authority.zone
    data = {
        "@context": "https://schema.org",
        "@type": "EducationEvent",
        "name": session.workshop.title,
        "description": session.workshop.summary,
        "startDate": session.starts_at.astimezone(zone).isoformat(),
        "endDate": session.ends_at.astimezone(zone).isoformat(),
        "eventStatus": "https://schema.org/EventCancelled"
        if session.is_cancelled
        else "https://schema.org/EventScheduled",
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "isAccessibleForFree": True,
        "maximumAttendeeCapacity": session.seats,
        "remainingAttendeeCapacity": one.left,
        "location": {"@type": "Place", "name": session.where, "address": session.where},
        "organizer": {"@type": "GovernmentOrganization", "name": session.authority.name},
        "url": absolute_url(session.authority, "workshops:session", ref=session.ref),
    }
    text = json.dumps(data, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
