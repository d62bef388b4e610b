"""Rules over time: versions, hours of the day, the past replayed, levels learned from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from beffroi.base.access.public import Actor, PermissionDenied
from beffroi.sustainable.territory.insights.engine.backtest import by_month, replay
from beffroi.sustainable.territory.insights.engine.hours import (
    local_days,
    local_times,
    within_hours,
)
from beffroi.sustainable.territory.insights.engine.suggestion import held_level, suggest
from beffroi.sustainable.territory.insights.engine.threshold import State, Threshold, evaluate
from beffroi.sustainable.territory.insights.models import Insight, InsightState, RuleState
from beffroi.sustainable.territory.insights.rule_actions import (
    activate,
    draft_rule,
    edit_rule,
    retire,
)
from beffroi.sustainable.territory.insights.wording import check_template, fill

from ..conftest import NIGHT, Sector

PARIS = ZoneInfo("Europe/Paris")
MINUTE = 60_000
HOUR = 60 * MINUTE
FIELDS = {
    "domain": "water", "name": "Fuite probable", "on_level": 14.0, "off_level": 9.0, "for_seconds": 1800,
    "clear_for_seconds": 1800, "severity": 3, "message": "{quand}, {valeur}",
}  # fmt: skip


def ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def test_a_new_version_closes_what_the_former_opened_and_finds_nothing_twice(
    sector: Sector, send: Callable[..., Any]
) -> None:
    send([6.0] * 6 + [20.0] * 8)
    second = edit_rule(sector.holder, sector.rule, {**FIELDS, "on_level": 15.0}, [sector.stream])
    activate(sector.holder, second)
    sector.rule.refresh_from_db()
    assert (sector.rule.state, sector.rule.on_level) == (RuleState.RETIRED, 14.0)
    send([20.0] * 8, NIGHT + timedelta(minutes=70))
    insight = Insight.objects.get()
    assert insight.state == InsightState.OPEN
    send([6.0] * 8, NIGHT + timedelta(minutes=110))
    insight.refresh_from_db()
    assert (insight.state, insight.rule) == (InsightState.ENDED, sector.rule)
    send([20.0] * 8, NIGHT + timedelta(minutes=150))
    assert Insight.objects.order_by("-pk")[0].rule == second


def test_a_silenced_rule_finds_nothing_more(sector: Sector, send: Callable[..., Any]) -> None:
    retire(sector.holder, sector.rule)
    send([20.0] * 20)
    assert not Insight.objects.exists()


def test_a_rule_that_looks_below_says_when_something_falls(
    sector: Sector, send: Callable[..., Any]
) -> None:
    fields = {
        **FIELDS,
        "direction": "below",
        "on_level": 2.0,
        "off_level": 4.0,
        "message": "{écart}",
    }
    activate(sector.holder, draft_rule(sector.holder, fields, [sector.stream]))
    send([6.0] * 12 + [1.0] * 8)
    insight = Insight.objects.get()
    assert (insight.peak, insight.usual, insight.title) == (1.0, 6.0, "5\u00a0m³/h")


def test_a_rule_of_the_night_does_not_look_at_the_day(
    sector: Sector, send: Callable[..., Any]
) -> None:
    fields = {**FIELDS, "window_start": time(2), "window_end": time(5)}
    retire(sector.holder, sector.rule)
    activate(sector.holder, draft_rule(sector.holder, fields, [sector.stream]))
    send([20.0] * 24, datetime(2026, 11, 24, 10, tzinfo=UTC))
    assert not Insight.objects.exists()
    send([20.0] * 8, datetime(2026, 11, 25, 2, tzinfo=UTC))
    assert Insight.objects.get().title.startswith("La nuit du 25\u00a0novembre")


def test_rules_are_written_by_the_holder_on_its_own_series(
    sector: Sector, actor: Callable[..., Actor], town: Any
) -> None:
    with pytest.raises(PermissionDenied):
        draft_rule(actor("head"), FIELDS, [sector.stream])
    with pytest.raises(PermissionDenied):
        draft_rule(actor("agent", town.syndicat), FIELDS, [sector.stream])
    with pytest.raises(PermissionDenied):
        activate(actor("head"), sector.rule)
    with pytest.raises(ValidationError):
        draft_rule(sector.holder, {**FIELDS, "off_level": 20.0}, [sector.stream])
    with pytest.raises(ValidationError):
        activate(sector.holder, draft_rule(sector.holder, FIELDS, []))


@pytest.mark.parametrize("text", ["{valeur.__class__}", "{0}", "{}", "{inconnu}"])
def test_only_known_blanks_are_filled(text: str) -> None:
    with pytest.raises(ValidationError):
        check_template(text)


def test_blanks_are_filled_once_and_nothing_is_evaluated() -> None:
    assert fill("{objet} : {valeur}", {"objet": "{rue}", "valeur": "<b>"}) == "{rue} : <b>"


@given(
    st.integers(ms(datetime(2025, 1, 1, tzinfo=UTC)), ms(datetime(2027, 1, 1, tzinfo=UTC))),
    st.sampled_from(
        ["Europe/Paris", "Indian/Reunion", "America/St_Johns", "Pacific/Noumea", "UTC"]
    ),
)
def test_local_time_is_that_of_the_clock_on_the_wall(start: int, zone: str) -> None:
    times = start + np.arange(0, 4 * 24 * HOUR, 13 * MINUTE + 7)
    wall = local_times(times, ZoneInfo(zone))
    for moment, local in zip(times[::20].tolist(), wall[::20].tolist(), strict=True):
        offset = datetime.fromtimestamp(moment / 1000, ZoneInfo(zone)).utcoffset()
        assert offset is not None
        assert local - moment == round(offset.total_seconds() * 1000)


@pytest.mark.parametrize(
    ("day", "minutes"), [((2026, 3, 29), 120), ((2026, 10, 25), 240), ((2026, 11, 24), 180)]
)
def test_the_window_from_two_to_five_follows_the_clock(
    day: tuple[int, int, int], minutes: int
) -> None:
    times = ms(datetime(*day, tzinfo=PARIS)) + np.arange(0, 23 * HOUR, MINUTE)
    assert within_hours(times, PARIS, 120, 300).sum() == minutes


def test_a_window_over_midnight_belongs_to_the_evening_it_began() -> None:
    evening = ms(datetime(2026, 11, 24, 22, tzinfo=PARIS))
    times = evening + np.arange(0, 12 * HOUR, HOUR)
    inside = within_hours(times, PARIS, 22 * 60, 6 * 60)
    assert inside.sum() == 8
    assert len(set(local_days(times[inside], PARIS, 22 * 60).tolist())) == 1


values = st.lists(st.sampled_from([1.0, 2.0, 3.0, 5.0, 8.0]), min_size=2, max_size=40)


@given(values, st.integers(0, 12))
def test_the_held_level_is_where_the_rule_begins_to_speak(
    readings: list[float], steps: int
) -> None:
    times, series = np.arange(len(readings)) * 5 * MINUTE, np.array(readings)
    hold = min(steps, len(readings) - 1) * 5 * MINUTE
    level = held_level(times, series, hold, 15 * MINUTE)

    def speaks(on_level: float) -> bool:
        rule = Threshold("above", on_level, on_level - 1, hold, 0, 15 * MINUTE)
        return bool(evaluate(times, series, State(), rule)[0])

    assert speaks(level)
    assert not speaks(level + 0.5)


def test_levels_learned_from_ordinary_nights_leave_them_in_peace_and_catch_a_leak() -> None:
    random = np.random.default_rng(7)
    times = np.arange(14 * 36) * 5 * MINUTE + (np.arange(14 * 36) // 36) * 21 * HOUR
    series = 60 + 5 * random.standard_normal(len(times))
    days = np.arange(len(times)) // 36
    learned = suggest(times, series, days, "above", 2 * HOUR, 2 * HOUR, 15 * MINUTE)
    assert learned is not None
    assert learned.off_level < learned.on_level < 80
    rule = Threshold("above", learned.on_level, learned.off_level, 2 * HOUR, 2 * HOUR, 15 * MINUTE)
    assert replay(times, series, rule) == []
    leaking = series + np.where(days == 12, 30.0, 0.0)
    (episode,) = replay(times, leaking, rule)
    assert episode.since == times[12 * 36]
    mirrored = suggest(times, -series, days, "below", 2 * HOUR, 2 * HOUR, 15 * MINUTE)
    assert mirrored is not None
    assert mirrored.on_level == pytest.approx(-learned.on_level)
    assert suggest(times[:100], series[:100], days[:100], "above", HOUR, HOUR, HOUR) is None


def test_months_without_an_alert_are_counted_too() -> None:
    first, last = (
        ms(datetime(2026, 1, 31, 23, 30, tzinfo=UTC)),
        ms(datetime(2026, 4, 2, tzinfo=UTC)),
    )
    assert by_month([], first, last, PARIS) == [(2026, 2, 0), (2026, 3, 0), (2026, 4, 0)]
