"""One event as an iCalendar file (RFC 5545), readable by any agenda."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from icalendar import Calendar, Event

PRODUCT = "-//Beffroi//FR"


@dataclass(frozen=True)
class Entry:
    """`uid` stays the same over all versions; `sequence` must rise, or agendas ignore the change.
    Times are aware."""

    uid: str
    sequence: int
    written_at: dt.datetime
    starts_at: dt.datetime
    ends_at: dt.datetime
    summary: str
    location: str = ""
    description: str = ""
    url: str = ""
    cancelled: bool = False


def ics(entry: Entry) -> bytes:
    """The file, in UTC. A cancelled event says so to the agenda that imported it (RFC 5546)."""
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.written_at.astimezone(dt.UTC))
    event.add("dtstart", entry.starts_at.astimezone(dt.UTC))
    event.add("dtend", entry.ends_at.astimezone(dt.UTC))
    event.add("summary", entry.summary)
    for name, text in (
        ("location", entry.location),
        ("description", entry.description),
        ("url", entry.url),
    ):
        if text:
            event.add(name, text)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if entry.cancelled else "PUBLISH")
    calendar.add_component(event)
    return calendar.to_ical()
