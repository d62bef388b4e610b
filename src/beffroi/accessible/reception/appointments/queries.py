"""What residents and agents look for: slots, first slots, the nearest ones, a day's agenda."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from beffroi.base.access.public import Actor
from beffroi.base.authorities.models import Authority, Site

from .availability import Selection, Slots, Window, window_for
from .engine.grid import cell_after, cell_of, moment_of
from .models import TAKING, Absence, Agent, Appointment, BookableBy, Opening, Reason, Status

#: The nearest slots are looked for this far on both sides of the one that was wanted.
NEAREST_WITHIN = dt.timedelta(days=28)
NEAREST = 3


@dataclass(frozen=True)
class Slot:
    """A time that can be booked at a site, with the agents who are free then."""

    starts_at: dt.datetime
    site_id: int
    agent_ids: tuple[int, ...]


@dataclass(frozen=True)
class Period:
    """Local days, both included, and the first instant that may be booked."""

    first_day: dt.date
    last_day: dt.date
    not_before: dt.datetime | None = None


def bookable_period(reason: Reason, now: dt.datetime | None = None) -> Period:
    """When residents may come for this reason, between its shortest and its longest notice."""
    now = now or timezone.now()
    earliest = now + dt.timedelta(minutes=reason.min_notice)
    zone = reason.authority.zone
    last = (now + dt.timedelta(days=reason.max_notice)).astimezone(zone).date()
    return Period(earliest.astimezone(zone).date(), last, earliest)


def within(period: Period, first_day: dt.date | None, last_day: dt.date | None) -> Period:
    """The part of a period between two days."""
    return Period(
        max(period.first_day, first_day or period.first_day),
        min(period.last_day, last_day or period.last_day),
        period.not_before,
    )


def find_slots(wanted: Selection, period: Period) -> Slots:
    """Every (agent, start) of the selection in the period, in order of start."""
    if period.first_day > period.last_day:
        nothing = np.empty(0, np.int64)
        return Slots(nothing, nothing, nothing)
    window = window_for(wanted.reason.authority, period.first_day, period.last_day)
    return window.find(wanted, period.first_day, period.last_day, _cell(period.not_before))


def first_in_sites(reason: Reason, period: Period) -> list[tuple[Site, dt.datetime]]:
    """The first slot of each site that has one, the earliest first."""
    if period.first_day > period.last_day:
        return []
    window: Window = window_for(reason.authority, period.first_day, period.last_day)
    first = window.first_in_sites(
        reason, period.first_day, period.last_day, _cell(period.not_before)
    )
    sites = Site.objects.filter(pk__in=first)
    return sorted(
        ((site, moment_of(first[site.pk])) for site in sites),
        key=lambda pair: (pair[1], pair[0].name),
    )


def grouped(slots: Slots) -> list[Slot]:
    """One entry per start and site, with the agents who are free."""
    found: dict[tuple[int, int], list[int]] = {}
    rows = zip(slots.start.tolist(), slots.site.tolist(), slots.agent.tolist(), strict=True)
    for start, site, agent in rows:
        found.setdefault((start, site), []).append(agent)
    return [Slot(moment_of(start), site, tuple(agents)) for (start, site), agents in found.items()]


def nearest(wanted: Selection, moment: dt.datetime, count: int = NEAREST) -> list[Slot]:
    """The slots nearest in time to one that is gone: at the same site first, else elsewhere."""
    bookable = bookable_period(wanted.reason)
    day = moment.astimezone(wanted.reason.authority.zone).date()
    day = min(max(day, bookable.first_day), bookable.last_day)
    around = within(bookable, day - NEAREST_WITHIN, day + NEAREST_WITHIN)
    best: list[Slot] = []
    for selection in _wider(wanted):
        slots = grouped(find_slots(selection, around))
        slots.sort(key=lambda slot: (abs(slot.starts_at - moment), slot.starts_at, slot.site_id))
        known = {slot.starts_at for slot in best}
        for slot in slots:
            if len(best) < count and slot.starts_at not in known:
                best.append(slot)
                known.add(slot.starts_at)
    return sorted(best, key=lambda slot: slot.starts_at)


def _wider(wanted: Selection) -> list[Selection]:
    """What was asked for, then any agent, then any site."""
    choices = [wanted]
    if wanted.agent_id is not None:
        choices.append(Selection(wanted.reason, wanted.site_id))
    if wanted.site_id is not None:
        choices.append(Selection(wanted.reason))
    return choices


def candidates(wanted: Selection, moment: dt.datetime, period: Period) -> list[tuple[int, int]]:
    """(agent, site) that can take this very start, the least loaded of the week first.

    Ties go by a hash of agent and day: fair over the days, and the same for everybody who asks.
    """
    day = moment.astimezone(wanted.reason.authority.zone).date()
    if not period.first_day <= day <= period.last_day or moment_of(cell_of(moment)) != moment:
        return []
    slots = find_slots(wanted, Period(day, day, period.not_before))
    at = slots.start == cell_of(moment)
    pairs = list(zip(slots.agent[at].tolist(), slots.site[at].tolist(), strict=True))
    if len(pairs) < 2:
        return pairs
    monday = dt.datetime.combine(
        day - dt.timedelta(days=day.weekday()), dt.time(), wanted.reason.authority.zone
    )
    load: dict[int, int] = dict(
        Appointment.objects.filter(
            agent__in=[agent for agent, _ in pairs],
            starts_at__gte=monday,
            starts_at__lt=monday + dt.timedelta(days=7),
            status__in=[*TAKING, Status.HELD],
        )
        .values_list("agent_id")
        .annotate(number=Count("pk"))
    )
    return sorted(pairs, key=lambda p: (load.get(p[0], 0), hash((p[0], day.toordinal()))))


def public_reasons(authority: Authority) -> QuerySet[Reason]:
    """What residents may book."""
    return (
        Reason.objects.filter(authority=authority, is_active=True, bookable_by=BookableBy.EVERYONE)
        .select_related("service", "authority")
        .order_by("service__name", "label")
    )


def reason_sites(reason: Reason) -> QuerySet[Site]:
    """Where an active agent receives for this reason."""
    return (
        Site.objects.filter(
            pk__in=Opening.objects.filter(reasons=reason, agent__is_active=True).values("site")
        )
        .distinct()
        .order_by("name")
    )


def site_count(authority: Authority) -> int:
    return Site.objects.filter(authority=authority).count()


def live_appointments() -> QuerySet[Appointment]:
    """Booked ones, and held ones that have not expired."""
    return Appointment.objects.filter(
        Q(status__in=TAKING) | Q(status=Status.HELD, held_until__gt=timezone.now())
    )


@dataclass(frozen=True)
class AgendaFilter:
    """Whose agenda is looked at; None: everybody’s."""

    service_id: int | None = None
    agent_id: int | None = None
    site_id: int | None = None


def agenda(
    actor: Actor, first_day: dt.date, last_day: dt.date, chosen: AgendaFilter
) -> list[Appointment]:
    """The appointments of local days, in order, with what each page shows of them."""
    zone = actor.authority.zone
    found = live_appointments().filter(
        authority=actor.authority,
        starts_at__gte=dt.datetime.combine(first_day, dt.time(), zone),
        starts_at__lt=dt.datetime.combine(last_day + dt.timedelta(days=1), dt.time(), zone),
    )
    if chosen.service_id:
        found = found.filter(reason__service=chosen.service_id)
    if chosen.agent_id:
        found = found.filter(agent=chosen.agent_id)
    if chosen.site_id:
        found = found.filter(site=chosen.site_id)
    return list(
        found.select_related("reason__service", "agent", "site", "person").order_by(
            "starts_at", "agent__name"
        )
    )


def absences_between(
    agents: Iterable[Agent], begin: dt.datetime, end: dt.datetime
) -> list[Absence]:
    return list(
        Absence.objects.filter(
            agent__in=list(agents), starts_at__lt=end, ends_at__gt=begin
        ).select_related("agent")
    )


def appointments_during(
    agent: Agent, begin: dt.datetime, end: dt.datetime
) -> Sequence[Appointment]:
    """What would have to be moved if the agent were away."""
    return list(
        live_appointments()
        .filter(agent=agent, starts_at__lt=end, ends_at__gt=begin)
        .select_related("reason", "person", "site")
    )


def _cell(moment: dt.datetime | None) -> int:
    return 0 if moment is None else cell_after(moment)
