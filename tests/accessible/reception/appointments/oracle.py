"""The definition of a slot, minute by minute and without numpy: slow, and beyond doubt."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
MINUTE = 60


@dataclass
class Rule:
    agent: int
    weekday: int
    starts: int
    ends: int
    first_day: dt.date
    last_day: dt.date
    every: int = 1
    excluded: set[dt.date] = field(default_factory=set)

    def takes_place(self, day: dt.date) -> bool:
        weeks = (monday(day) - monday(self.first_day)).days // 7
        return (
            day.isoweekday() == self.weekday
            and self.first_day <= day <= self.last_day
            and weeks % self.every == 0
            and day not in self.excluded
        )


def monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def wall(day: dt.date, minute: int, zone: ZoneInfo = PARIS) -> int:
    """Seconds since 1970 of a local wall time."""
    day, minute = day + dt.timedelta(days=minute // 1440), minute % 1440
    return int(dt.datetime.combine(day, dt.time(minute // 60, minute % 60), zone).timestamp())


def slots(
    rules: list[Rule],
    taken: list[tuple[int, int, int]],
    closed: set[dt.date],
    minutes: int,
    first: dt.date,
    last: dt.date,
    not_before: int = 0,
) -> list[tuple[int, int]]:
    """Every (start in seconds since 1970, agent); `taken` are (agent, from, to) in seconds."""
    found = set()
    busy: dict[int, set[int]] = {}
    for agent, begin, end in taken:
        busy.setdefault(agent, set()).update(range(begin // MINUTE, -(-end // MINUTE)))
    day = first
    while day <= last:
        for rule in rules:
            if day in closed or not rule.takes_place(day):
                continue
            run = 0
            for minute in range(wall(day, rule.starts) // MINUTE, wall(day, rule.ends) // MINUTE):
                run = 0 if minute in busy.get(rule.agent, ()) else run + 1
                if run == minutes:
                    start = (minute - minutes + 1) * MINUTE
                    if start >= not_before:
                        found.add((start, rule.agent))
                    run = 0
        day += dt.timedelta(days=1)
    return sorted(found)
