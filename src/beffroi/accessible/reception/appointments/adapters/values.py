"""The words and numbers of the `creneaux` format."""

from __future__ import annotations

import datetime as dt

from ..models import Status

STATUSES = {
    "a_venir": Status.CONFIRMED,
    "honore": Status.HONOURED,
    "non_honore": Status.NO_SHOW,
    "annule_usager": Status.CANCELLED,
    "annule_agent": Status.CANCELLED,
}


def parse_day(text: str) -> dt.date:
    """An ISO date between 2000 and 2100; raises ValueError."""
    day = dt.date.fromisoformat(text.strip())
    if not 2000 <= day.year <= 2100:
        raise ValueError(text)
    return day


def parse_minute(text: str) -> int:
    """Minutes after midnight of « 09:30 »; raises ValueError."""
    hours, _, minutes = text.strip().partition(":")
    minute = int(hours) * 60 + int(minutes)
    if not (0 <= int(minutes) < 60 and 0 <= minute <= 24 * 60):
        raise ValueError(text)
    return minute
