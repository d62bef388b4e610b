"""Slots and appointments arranged by local day, as pages show them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from beffroi.base.authorities.models import Authority, Site

from .models import Appointment
from .queries import Slot

DAYS_SHOWN = 7


@dataclass(frozen=True)
class Choice:
    """One button: when, where; `value` is what it sends."""

    starts_at: dt.datetime
    site: Site
    value: str


@dataclass
class Day:
    day: dt.date
    choices: list[Choice] = field(default_factory=list)
    appointments: list[Appointment] = field(default_factory=list)


def choices(authority: Authority, slots: Iterable[Slot]) -> list[Choice]:
    """Slots as buttons, with their sites."""
    slots = list(slots)
    sites = Site.objects.filter(authority=authority).in_bulk({slot.site_id for slot in slots})
    return [Choice(s.starts_at, sites[s.site_id], value_of(s)) for s in slots]


def value_of(slot: Slot) -> str:
    return f"{slot.starts_at:%Y%m%dT%H%M}Z.{slot.site_id}"


def parse_choice(value: str) -> tuple[dt.datetime, int] | None:
    """The start and site of a button, or None for what no button sends."""
    moment, _, site = value.partition(".")
    try:
        starts_at = dt.datetime.strptime(moment, "%Y%m%dT%H%MZ").replace(tzinfo=dt.UTC)
        number = int(site)
    except ValueError:
        return None
    return (starts_at, number) if 0 < number < 2**63 and starts_at.minute % 5 == 0 else None


def by_day(found: Iterable[Choice], zone: ZoneInfo) -> list[Day]:
    """Only the days on which something is free."""
    days: dict[dt.date, Day] = {}
    for choice in found:
        local = choice.starts_at.astimezone(zone).date()
        days.setdefault(local, Day(local)).choices.append(choice)
    return list(days.values())


def each_day(
    first: dt.date, last: dt.date, appointments: Iterable[Appointment], zone: ZoneInfo
) -> list[Day]:
    """Every day of a span, empty ones too."""
    span = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    days = {day: Day(day) for day in span}
    for appointment in appointments:
        days[appointment.starts_at.astimezone(zone).date()].appointments.append(appointment)
    return list(days.values())


def parse_day(text: str | None) -> dt.date | None:
    """An ISO date of this century, or None."""
    try:
        day = dt.date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2099 else None
