from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from beffroi.base.design.scales import decimate, nice_ticks, seconds, time_ticks

PARIS = ZoneInfo("Europe/Paris")


def walls(ticks: list[float]) -> list[str]:
    return [datetime.fromtimestamp(tick, PARIS).strftime("%d %H:%M") for tick in ticks]


def at(*parts: int) -> float:
    return datetime(*parts, tzinfo=PARIS).timestamp()  # type: ignore[arg-type]


def test_nice_ticks_are_round_and_enclose_the_range() -> None:
    assert nice_ticks(0, 17.4) == [0, 5, 10, 15, 20]
    assert nice_ticks(4.2, 7.4) == [4, 5, 6, 7, 8]
    assert nice_ticks(0, 1) == [0, 0.5, 1]
    assert nice_ticks(-3, 3) == [-4, -2, 0, 2, 4]
    assert nice_ticks(5, 5)[0] < 5 < nice_ticks(5, 5)[-1]
    with pytest.raises(ValueError, match="finite"):
        nice_ticks(0, float("nan"))


@given(
    st.floats(-1e9, 1e9, allow_subnormal=False),
    st.floats(1e-6, 1e9, allow_subnormal=False),
    st.integers(3, 9),
)
def test_ticks_enclose_any_range_and_stay_few(low: float, width: float, count: int) -> None:
    high = low + width
    ticks = nice_ticks(low, high, count)
    slack = 1e-6 * max(abs(low), abs(high), 1e-3)
    assert ticks[0] <= low + slack
    assert ticks[-1] >= high - slack
    assert 2 <= len(ticks) <= 2 * count + 2
    assert ticks == sorted(ticks)


def test_hours_of_an_ordinary_day() -> None:
    assert walls(time_ticks(at(2026, 11, 24), at(2026, 11, 24, 12), PARIS)) == [
        "24 00:00", "24 02:00", "24 04:00", "24 06:00", "24 08:00", "24 10:00", "24 12:00",
    ]  # fmt: skip


def test_the_hour_that_does_not_exist_has_no_tick() -> None:
    ticks = time_ticks(at(2026, 3, 29, 0), at(2026, 3, 29, 6), PARIS, 7)
    assert walls(ticks) == ["29 00:00", "29 01:00", "29 03:00", "29 04:00", "29 05:00", "29 06:00"]
    assert set(np.diff(ticks)) == {3600.0}


def test_the_hour_that_exists_twice_has_two_ticks() -> None:
    ticks = time_ticks(at(2026, 10, 25, 0), at(2026, 10, 25, 5), PARIS, 7)
    assert walls(ticks) == [
        "25 00:00", "25 01:00", "25 02:00", "25 02:00", "25 03:00", "25 04:00", "25 05:00",
    ]  # fmt: skip
    assert set(np.diff(ticks)) == {3600.0}


def test_longer_steps_pass_the_doubled_hour_once() -> None:
    ticks = time_ticks(at(2026, 10, 25, 0), at(2026, 10, 25, 12), PARIS, 7)
    assert walls(ticks) == [
        "25 00:00", "25 02:00", "25 04:00", "25 06:00", "25 08:00", "25 10:00", "25 12:00",
    ]  # fmt: skip


def test_days_are_local_midnights_across_both_changes() -> None:
    for first in (datetime(2026, 3, 27, tzinfo=PARIS), datetime(2026, 10, 23, tzinfo=PARIS)):
        ticks = time_ticks(first.timestamp(), (first + timedelta(days=5)).timestamp(), PARIS)
        assert len(ticks) == 6
        assert all(wall.endswith("00:00") for wall in walls(ticks))


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    weeks = time_ticks(at(2026, 9, 28), at(2026, 11, 9), PARIS, 8)
    assert {datetime.fromtimestamp(tick, PARIS).weekday() for tick in weeks} == {0}
    months = time_ticks(at(2025, 11, 24), at(2026, 11, 24), PARIS, 12)
    assert [datetime.fromtimestamp(tick, PARIS).day for tick in months] == [1] * len(months)
    assert len(months) >= 6


@given(st.integers(0, 2_000_000_000), st.integers(120, 10 * 365 * 86400), st.integers(3, 12))
def test_time_ticks_are_few_rising_and_inside(start: int, span: int, count: int) -> None:
    ticks = time_ticks(float(start), float(start + span), PARIS, count)
    assert len(ticks) <= count + 3
    assert ticks == sorted(ticks)
    assert all(start <= tick <= start + span + 1 for tick in ticks)


def test_decimation_keeps_the_extremes() -> None:
    times = np.arange(100_000, dtype=np.float64)
    values = np.sin(times / 500)
    values[61_803] = 42.0
    values[27_182] = -42.0
    kept_times, kept = decimate(times, values, 2000)
    assert len(kept) <= 2000
    assert kept.max() == 42.0
    assert kept.min() == -42.0
    assert kept_times[np.argmax(kept)] == 61_803


def test_a_hole_stays_a_hole() -> None:
    times = np.arange(10_000, dtype=np.float64)
    values = np.ones(10_000)
    values[4000:6000] = np.nan
    kept_times, kept = decimate(times, values, 300)
    inside = (kept_times >= 4100) & (kept_times < 5900)
    assert inside.any()
    assert np.isnan(kept[inside]).all()


@given(
    arrays.arrays(np.float64, st.integers(1, 3000), elements=st.floats(-1e6, 1e6)),
    st.integers(10, 500),
)
def test_decimation_never_exceeds_its_limit_nor_loses_an_extreme(
    values: np.ndarray, limit: int
) -> None:
    times = np.arange(len(values), dtype=np.float64)
    kept_times, kept = decimate(times, values, limit)
    assert len(kept) <= max(limit, 3)
    assert kept.min() == values.min()
    assert kept.max() == values.max()
    assert (np.diff(kept_times) > 0).all()


def test_naive_times_are_refused() -> None:
    aware = datetime(2026, 11, 24, tzinfo=UTC)
    assert list(seconds([aware])) == [aware.timestamp()]
    with pytest.raises(ValueError, match="aware"):
        seconds([aware.replace(tzinfo=None)])
