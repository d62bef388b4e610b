"""Where notices show by themselves: portal, search, desk, the cord, the menus."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beffroi.base.access.public import Actor, visible
from beffroi.base.authorities.models import Authority
from beffroi.base.authorities.public import find_streets, searchable
from beffroi.base.design.public import register_menu
from beffroi.base.design.words import say_moment
from beffroi.base.desk.public import WorkItem, register_work
from beffroi.base.portal.public import Hit, NowItem, register_now, register_search
from beffroi.base.provenance.public import Step, describe, readings_behind

from . import queries
from .models import Notice, State

FOUND_AT_MOST = 5


def register() -> None:
    register_now(now_items)
    register_search("broadcast", search)
    register_work("broadcast", proposed_work)
    describe("broadcast.notice", step)
    register_menu("resident", 20, gettext_lazy("Annonces"), "broadcast:notices")
    register_menu(
        "desk", 30, gettext_lazy("Annonces"), "broadcast:desk", permission="broadcast.propose"
    )


def now_items(authority: Authority, language: str) -> list[NowItem]:
    return [now_item(notice, language) for notice in queries.current(authority)]


def now_item(notice: Notice, language: str) -> NowItem:
    with translation.override(language):
        return NowItem(
            severity=notice.severity,
            label=notice.get_domain_display(),
            title=notice.title,
            body=notice.body,
            when=said_when(notice, language),
            why=said_why(notice),
            url=reverse("broadcast:notice", kwargs={"ref": notice.ref}),
        )


def said_when(notice: Notice, language: str) -> str:
    """When it concerns people: from when it is to come, since when it runs."""
    zone = notice.authority.zone
    if notice.starts_at and not notice.has_begun():
        moment = say_moment(notice.starts_at, zone, language)
        return _("à partir du %(moment)s") % {"moment": moment}
    began = notice.starts_at or notice.published_at or timezone.now()
    return _("depuis le %(moment)s") % {"moment": say_moment(began, zone, language)}


def said_why(notice: Notice) -> str:
    """The reading behind it in a few words, when a measure led to it."""
    if notice.cause_id is None:
        return ""
    readings = [row for row in readings_behind(notice) if len(row) >= 4]
    if not readings:
        return ""
    _time, value, unit, label = readings[-1][:4]
    shown = f"{value:g}".replace(".", ",") if isinstance(value, int | float) else str(value)
    return _("Mesure à l’origine : %(label)s, %(value)s %(unit)s") % {
        "label": label, "value": shown, "unit": unit
    }  # fmt: skip


def search(authority: Authority, text: str) -> list[Hit]:
    """Current notices that the text names by a street, or by a word of their title."""
    streets = {street.pk for street in find_streets(authority, text)}
    words = {word for word in searchable(text).split() if len(word) > 3}
    hits = []
    for notice in queries.current(authority):
        of_street = streets & {street.pk for street in notice.streets.all()}
        of_words = words & set(searchable(f"{notice.title} {notice.get_domain_display()}").split())
        if of_street or of_words:
            url = reverse("broadcast:notice", kwargs={"ref": notice.ref})
            hits.append(Hit(notice.title, notice.body, url, _("Annonce en cours")))
    return hits[:FOUND_AT_MOST]


def proposed_work(actor: Actor) -> list[WorkItem]:
    """The notices that wait for a person, for who may publish them."""
    if not actor.may("broadcast.publish"):
        return []
    waiting = visible(Notice.objects.filter(state=State.PROPOSED), actor, "act")
    return [
        WorkItem(
            kind=_("Annonce proposée"),
            ref=notice.ref,
            title=notice.title,
            detail=notice.body,
            at=notice.created_at,
            url=reverse("broadcast:desk_notice", kwargs={"ref": notice.ref}),
            mine=notice.created_by is not None and notice.created_by == actor.person_key,
            team=True,
            severity=notice.severity,
            service=notice.get_domain_display(),
        )
        for notice in waiting.order_by("-severity", "created_at")[:200]
    ]


def step(notice_id: int, version: int | None, actor: Actor) -> Step | None:
    """A notice on the cord: everybody sees what was published, agents also what is proposed."""
    notice = Notice.objects.filter(pk=notice_id).select_related("authority").first()
    if notice is None:
        return None
    of_the_house = actor.is_agent and visible(Notice.objects.filter(pk=notice_id), actor).exists()
    if notice.published_at is None and not of_the_house:
        return None
    if of_the_house:
        url = reverse("broadcast:desk_notice", kwargs={"ref": notice.ref})
    elif notice.authority == actor.authority:
        url = reverse("broadcast:notice", kwargs={"ref": notice.ref})
    else:
        url = ""
    state = notice.shown_state
    waits = state in (State.DRAFT, State.PROPOSED)
    return Step(
        kind_label=_("Annonce"),
        title=notice.title,
        detail=State(state).label.capitalize(),
        at=notice.ended_at or notice.published_at or notice.created_at,
        url=url,
        state="next" if waits else "done",
    )
