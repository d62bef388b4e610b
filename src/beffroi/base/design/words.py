"""Dates, times, numbers and amounts as people say them, in French and English.

Moments are aware datetimes; they are said in the zone given, the authority's. Spaces inside an
amount or an hour are no-break spaces, so that a line never ends between a figure and its unit.
"""

from __future__ import annotations

import math
from datetime import date, datetime, tzinfo

NBSP = "\u00a0"
THIN = "\u202f"

DAYS = {
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
MONTHS = {
    "fr": (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}
SHORT_MONTHS = {
    "fr": (
        *("janv.", "févr.", "mars", "avr.", "mai", "juin"),
        *("juil.", "août", "sept.", "oct.", "nov.", "déc."),
    ),
    "en": (
        *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
        *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    ),
}


def _language(language: str) -> str:
    return "en" if language.startswith("en") else "fr"


def say_date(day: date, language: str = "fr", *, today: date | None = None) -> str:
    """« mardi 24 novembre »; the year is added when it is not today's."""
    language = _language(language)
    number = "1er" if language == "fr" and day.day == 1 else str(day.day)
    words = f"{DAYS[language][day.weekday()]} {number}{NBSP}{MONTHS[language][day.month - 1]}"
    if today is not None and day.year != today.year:
        words += f" {day.year}"
    return words


def say_short_date(day: date, language: str = "fr") -> str:
    """« 24 nov. », for axes and narrow columns."""
    return f"{day.day}{NBSP}{SHORT_MONTHS[_language(language)][day.month - 1]}"


def say_time(moment: datetime, language: str = "fr") -> str:
    """« 9 h 30 », « 9 h »; "9:30 am" in English. The hour is the moment's own."""
    if _language(language) == "fr":
        minutes = f"{NBSP}{moment.minute:02d}" if moment.minute else ""
        return f"{moment.hour}{NBSP}h{minutes}"
    minutes = f":{moment.minute:02d}" if moment.minute else ""
    return f"{moment.hour % 12 or 12}{minutes}{NBSP}{'am' if moment.hour < 12 else 'pm'}"


def say_brief(moment: datetime, zone: tzinfo, language: str = "fr", *, now: datetime) -> str:
    """For narrow columns: « 9 h 30 » today, « hier », « demain », else « 24 nov. »."""
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    near = {0: say_time(local, language)}
    if _language(language) == "fr":
        near |= {-1: "hier", 1: "demain"}
    else:
        near |= {-1: "yesterday", 1: "tomorrow"}
    return near.get((local.date() - today).days) or say_short_date(local.date(), language)


def say_moment(
    moment: datetime, zone: tzinfo, language: str = "fr", *, now: datetime | None = None
) -> str:
    """« mardi 24 novembre à 9 h 30 », in the zone; the year when it is not the one of `now`."""
    local = moment.astimezone(zone)
    today = now.astimezone(zone).date() if now else None
    at = "à" if _language(language) == "fr" else "at"
    return f"{say_date(local.date(), language, today=today)} {at}{NBSP}{say_time(local, language)}"


def say_period(
    start: datetime,
    end: datetime | None,
    zone: tzinfo,
    language: str = "fr",
    *,
    now: datetime | None = None,
) -> str:
    """« mardi 24 novembre de 8 h à 14 h »; over several days « du … au … »; open: « depuis … »."""
    french = _language(language) == "fr"
    if end is None:
        return f"{'depuis' if french else 'since'} {say_moment(start, zone, language, now=now)}"
    first, last = start.astimezone(zone), end.astimezone(zone)
    today = now.astimezone(zone).date() if now else None
    if first.date() == last.date():
        day = say_date(first.date(), language, today=today)
        opening, until = ("de", "à") if french else ("from", "to")
        return (
            f"{day} {opening}{NBSP}{say_time(first, language)}"
            f" {until}{NBSP}{say_time(last, language)}"
        )
    opening, until = ("du", "au") if french else ("from", "to")
    return (
        f"{opening} {say_moment(start, zone, language, now=now)}"
        f" {until} {say_moment(end, zone, language, now=now)}"
    )


def say_number(value: float, language: str = "fr", decimals: int | None = None) -> str:
    """« 1 234,5 »: groups of three, decimal comma. Without `decimals`, as many as tell something:
    one from 10 on, two from 1 on, three below; zeros at the end are left out."""
    if not math.isfinite(value):
        return "—"
    if decimals is None:
        most = 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
        text = f"{value:,.{most}f}".rstrip("0").rstrip(".")
    else:
        text = f"{value:,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    if _language(language) == "fr":
        text = text.replace(",", THIN).replace(".", ",")
    return text.replace("-", "−")


def say_quantity(
    value: float | None, unit: str, language: str = "fr", decimals: int | None = None
) -> str:
    """« 17,4 m³/h », with a no-break space before the unit; a dash when there is no value."""
    if value is None or not math.isfinite(value):
        return "—"
    space = "" if unit == "%" and _language(language) == "en" else NBSP if unit else ""
    return f"{say_number(value, language, decimals)}{space}{unit}"
