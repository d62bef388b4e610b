"""The slot engine against an oracle that counts minutes."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.accessible.reception.appointments.oracle import PARIS, Rule, monday, slots, wall

from beffroi.accessible.reception.appointments.engine.grid import CELL_SECONDS
from beffroi.accessible.reception.appointments.engine.slots import Calendar, Openings

FIRST = dt.date(2026, 3, 23)
SPRING, AUTUMN = dt.date(2026, 3, 29), dt.date(2026, 10, 25)
AGENTS = 3


def openings(rules: list[Rule]) -> Openings:
    return Openings(
        agent=np.array([r.agent for r in rules], np.int64),
        weekday=np.array([r.weekday for r in rules], np.int64),
        starts=np.array([r.starts for r in rules], np.int64),
        ends=np.array([r.ends for r in rules], np.int64),
        first_day=np.array([r.first_day for r in rules], "datetime64[D]"),
        last_day=np.array([r.last_day for r in rules], "datetime64[D]"),
        every=np.array([r.every for r in rules], np.int64),
        excluded=tuple((i, day) for i, rule in enumerate(rules) for day in rule.excluded),
    )


def calendar(rules, taken, closed=(), first=FIRST, days=14, zone=PARIS) -> Calendar:
    built = Calendar(AGENTS, openings(rules), first, days, zone, closed)
    occupy(built, range(AGENTS), taken)
    return built


def occupy(built: Calendar, rows, taken) -> None:
    mine = [t for t in taken if t[0] in rows]
    built.occupy(
        np.array(list(rows), np.int64),
        np.array([t[0] for t in mine], np.int64),
        np.array([t[1] // CELL_SECONDS for t in mine], np.int64),
        np.array([-(-t[2] // CELL_SECONDS) for t in mine], np.int64),
    )


def found(built: Calendar, minutes: int, first=FIRST, last=None, not_before=0, offered=None):
    last = last or built.last_day
    if offered is None:
        offered = np.ones(1 + int(built.free.opening.max(initial=0)), np.bool_)
    got = built.slots(offered, minutes // 5, first, last, -(-not_before // CELL_SECONDS))
    return list(zip((got.start * CELL_SECONDS).tolist(), got.agent.tolist(), strict=True))


def every_day(starts: int, ends: int, agent: int = 0) -> list[Rule]:
    return [
        Rule(agent, w, starts, ends, dt.date(2026, 1, 1), dt.date(2026, 12, 31))
        for w in range(1, 8)
    ]


days = st.dates(FIRST - dt.timedelta(days=10), FIRST + dt.timedelta(days=20))
fives = st.integers(0, 288).map(lambda n: 5 * n)


@st.composite
def rule(draw) -> Rule:
    starts, ends = sorted(draw(st.lists(fives, min_size=2, max_size=2, unique=True)))
    first, last = sorted([draw(days), draw(days)])
    return Rule(
        draw(st.integers(0, AGENTS - 1)),
        draw(st.integers(1, 7)),
        starts,
        ends,
        first,
        last,
        draw(st.sampled_from([1, 1, 2, 3])),
        draw(st.sets(days, max_size=2)),
    )


@st.composite
def interval(draw) -> tuple[int, int, int]:
    begin = wall(draw(days), draw(st.integers(0, 287)) * 5)
    return draw(st.integers(0, AGENTS - 1)), begin, begin + 60 * draw(st.integers(1, 400))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(rule(), min_size=1, max_size=6),
    st.lists(interval(), max_size=12),
    st.sets(days, max_size=2),
    st.integers(1, 18).map(lambda n: 5 * n),
)
def test_slots_are_those_of_the_definition(rules, taken, closed, minutes) -> None:
    built = calendar(rules, taken, closed)
    now = wall(FIRST + dt.timedelta(days=3), 601)
    last = built.last_day
    assert found(built, minutes) == slots(rules, taken, closed, minutes, FIRST, last)
    assert found(built, minutes, not_before=now) == slots(
        rules, taken, closed, minutes, FIRST, last, now
    )


@settings(max_examples=40, deadline=None)
@given(
    st.lists(rule(), min_size=1, max_size=5),
    st.lists(interval(), max_size=6),
    st.lists(st.lists(interval(), max_size=4), max_size=4),
)
def test_a_calendar_that_changed_equals_one_built_anew(rules, taken, changes) -> None:
    built = calendar(rules, taken)
    for change in changes:
        rows = {t[0] for t in change}
        taken = [t for t in taken if t[0] not in rows] + change
        if rows:
            occupy(built, sorted(rows), taken)
    assert found(built, 30) == found(calendar(rules, taken), 30)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(rule(), min_size=1, max_size=6),
    st.lists(interval(), max_size=8),
    st.integers(0, 20000),
)
def test_the_first_slot_of_a_site_is_the_first_of_its_list(rules, taken, later) -> None:
    built = calendar(rules, taken)
    site = np.array([i % 2 for i in range(len(rules))], np.int64)
    everywhere = np.ones(len(rules), np.bool_)
    not_before = wall(FIRST, 0) // CELL_SECONDS + later // 5
    first = built.first_slots(everywhere, site, 3, 4, FIRST, built.last_day, not_before)
    for number in (0, 1):
        listed = built.slots(site == number, 4, FIRST, built.last_day, not_before)
        assert first[number] == (listed.start[0] if len(listed) else -1)
    assert first[2] == -1


@pytest.mark.parametrize(
    ("day", "hours"), [(SPRING, 3), (AUTUMN, 5), (SPRING - dt.timedelta(days=1), 4)]
)
def test_a_night_opening_lasts_what_the_clock_makes_it_last(day, hours) -> None:
    built = calendar(every_day(60, 300), [], first=day, days=1)
    starts = [start for start, _ in found(built, 60, day, day)]
    assert len(starts) == hours
    assert starts == [wall(day, 60) + 3600 * n for n in range(hours)]


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_nine_oclock_stays_nine_oclock_across_the_change(day) -> None:
    week = monday(day)
    built = calendar(every_day(540, 720), [], first=week, days=14)
    local = {
        dt.datetime.fromtimestamp(start, PARIS).strftime("%H:%M")
        for start, _ in found(built, 60, week)
    }
    assert local == {"09:00", "10:00", "11:00"}
    assert len(found(built, 60, week)) == 3 * 14


def test_an_opening_inside_the_skipped_hour_does_not_take_place() -> None:
    night = calendar(every_day(150, 180), [], first=SPRING, days=1)
    assert found(night, 15, SPRING, SPRING) == []


def test_the_hour_that_comes_twice_is_offered_twice() -> None:
    built = calendar(every_day(120, 240), [], first=AUTUMN, days=1)
    shown = [
        dt.datetime.fromtimestamp(s, PARIS).strftime("%H:%M %z")
        for s, _ in found(built, 60, AUTUMN, AUTUMN)
    ]
    assert shown == ["02:00 +0200", "02:00 +0100", "03:00 +0100"]


def test_openings_that_touch_are_not_joined() -> None:
    rules = [*every_day(540, 580), *every_day(580, 620)]
    built = calendar(rules, [], days=1)
    minutes = [(start - wall(FIRST, 0)) // 60 for start, _ in found(built, 30)]
    assert minutes == [540, 580]


def test_an_appointment_of_three_minutes_takes_its_whole_cell() -> None:
    built = calendar(every_day(540, 570), [(0, wall(FIRST, 546), wall(FIRST, 549))], days=1)
    assert [(s - wall(FIRST, 0)) // 60 for s, _ in found(built, 5)] == [540, 550, 555, 560, 565]


def test_a_slot_lasts_at_least_one_cell() -> None:
    with pytest.raises(ValueError, match="at least one cell"):
        found(calendar(every_day(540, 570), [], days=1), 0)


def test_overseas_the_clock_does_not_change() -> None:
    zone = ZoneInfo("Indian/Reunion")
    built = calendar(every_day(540, 600), [], first=SPRING, days=2, zone=zone)
    assert [s for s, _ in found(built, 60, SPRING)] == [
        wall(SPRING, 540, zone),
        wall(SPRING, 1980, zone),
    ]
