"""The physical town keeps its volumes, its energy and its word: same instant, same value."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beffroi.project.town.physics import buildings, chance, places, rhythm, water, weather
from beffroi.project.town.physics.disturbances import (
    CROWD,
    EMPTY,
    FILL,
    HEAT,
    LEAK,
    Disturbance,
)

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 11, 16, tzinfo=UTC).timestamp()
DAY_GRID = START + np.arange(0.0, rhythm.DAY, 300.0)
SECTOR = water.Sector(
    "centre",
    people=1900,
    losses=0.9,
    head=62.0,
    resistance=0.02,
    mains=(
        water.Main("rue-des-tanneurs", people=190, losses=0.12, resistance=0.10),
        water.Main("quai-foch", people=240, losses=0.10, resistance=0.08),
    ),
)
EVERY_DAY = frozenset(range(7))
instants = st.integers(min_value=0, max_value=4_000_000_000)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).timestamp()


@given(instants, st.integers(min_value=0, max_value=2**31))
@settings(max_examples=50, deadline=None)
def test_chance_depends_only_on_seed_name_and_instant(instant: int, seed: int) -> None:
    seconds = np.arange(instant, instant + 50_000, 777.0)
    whole = chance.smooth(seed, "x", seconds, 3600.0)
    assert np.array_equal(whole[10:20], chance.smooth(seed, "x", seconds[10:20], 3600.0))
    assert np.array_equal(whole[::-1], chance.smooth(seed, "x", seconds[::-1], 3600.0))
    assert not np.array_equal(whole, chance.smooth(seed, "y", seconds, 3600.0))


def test_chance_is_standard_normal() -> None:
    values = chance.normal(1, "bell", np.arange(200_000))
    assert abs(values.mean()) < 0.01
    assert abs(values.std() - 1.0) < 0.01
    smooth = chance.smooth(1, "bell", np.arange(0.0, 4e6, 50.0), 600.0)
    assert abs(smooth.std() - 1.0) < 0.03


@pytest.mark.parametrize(
    ("instant", "hour"),
    [
        ("2026-03-29T00:59:00+00:00", 1 + 59 / 60),
        ("2026-03-29T01:00:00+00:00", 3.0),
        ("2026-10-25T00:59:00+00:00", 2 + 59 / 60),
        ("2026-10-25T01:00:00+00:00", 2.0),
    ],
)
def test_wall_clock_on_both_clock_changes(instant: str, hour: float) -> None:
    seconds = np.array([datetime.fromisoformat(instant).timestamp()])
    assert rhythm.local_time(seconds, PARIS).hour[0] == pytest.approx(hour)


@given(st.lists(instants, min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_wall_clock_agrees_with_the_standard_library(moments: list[int]) -> None:
    local = rhythm.local_time(np.array(moments, dtype=np.float64), PARIS)
    for position, moment in enumerate(moments):
        expected = datetime.fromtimestamp(moment, PARIS)
        assert local.weekday[position] == expected.weekday()
        assert int(local.hour[position] + 1e-9) == expected.hour


def test_a_long_run_of_readings_crosses_the_clock_change_once() -> None:
    seconds = np.arange(at("2026-03-01T00:00"), at("2026-12-01T00:00"), 600.0)
    offsets = rhythm.utc_offset(seconds, PARIS)
    changes = np.flatnonzero(np.diff(offsets))
    assert [datetime.fromtimestamp(seconds[i + 1], UTC).isoformat() for i in changes] == [
        "2026-03-29T01:00:00+00:00",
        "2026-10-25T01:00:00+00:00",
    ]


leaks = st.lists(
    st.builds(
        Disturbance,
        kind=st.just(LEAK),
        place=st.sampled_from(["rue-des-tanneurs", "quai-foch", "centre", "elsewhere"]),
        start=st.floats(START, START + rhythm.DAY),
        amount=st.floats(0.1, 40.0),
        end=st.one_of(st.none(), st.floats(START + rhythm.DAY, START + 2 * rhythm.DAY)),
    ),
    max_size=4,
)


@given(leaks, st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_what_enters_a_sector_is_drawn_or_lost(happenings: list[Disturbance], seed: int) -> None:
    state = water.sector_state(DAY_GRID, SECTOR, PARIS, seed, happenings)
    np.testing.assert_allclose(state.flow, state.consumption + state.lost)
    assert np.all(state.consumption > 0)
    assert np.all(sum(state.main_flow.values()) <= state.flow + 1e-9)
    calm = water.sector_state(DAY_GRID, SECTOR, PARIS, seed)
    np.testing.assert_allclose(state.consumption, calm.consumption)
    added = sum(
        d.amount * np.clip((DAY_GRID - d.start) / water.LEAK_OPENS_IN, 0, 1)
        for d in happenings
        if d.place != "elsewhere"
    )
    np.testing.assert_allclose(state.flow - calm.flow, added, atol=1e-9)
    assert np.all(state.pressure <= calm.pressure + 1e-12)
    assert np.all(state.pressure >= 0)


@given(
    st.lists(st.floats(0.0, 90.0), min_size=2, max_size=200),
    st.floats(0.0, 400.0),
    st.floats(10.0, 120.0),
)
@settings(max_examples=80, deadline=None)
def test_plant_tower_and_sectors_conserve_volume(
    flows: list[float], stored: float, pump: float
) -> None:
    seconds = START + 300.0 * np.arange(len(flows))
    tower = water.Tower(capacity=400.0, pump=pump, low=0.35, high=0.95)
    taken = np.array(flows)
    run = water.supply(seconds, [taken / 2, taken / 2], tower, PARIS, stored)
    hours = 300.0 / 3600.0
    np.testing.assert_allclose(
        (run.produced + run.short - taken) * hours, np.diff(run.stored), atol=1e-6
    )
    assert np.all(run.stored >= -1e-9)
    assert np.all(run.stored <= tower.capacity + 1e-6)


def test_a_leak_shows_at_once_and_most_of_all_at_night() -> None:
    leak = [Disturbance(LEAK, "rue-des-tanneurs", START, 9.0)]
    calm = water.sector_state(DAY_GRID, SECTOR, PARIS, 7)
    torn = water.sector_state(DAY_GRID, SECTOR, PARIS, 7, leak)
    night = rhythm.local_time(DAY_GRID, PARIS).hour
    quiet = (night >= 2) & (night < 5)
    assert calm.flow[quiet].mean() < 0.45 * calm.flow.mean()
    assert torn.flow[quiet].mean() > 2.5 * calm.flow[quiet].mean()
    street = "rue-des-tanneurs"
    assert torn.main_flow[street][1:].min() > calm.main_flow[street].max()
    assert torn.main_pressure[street][1:].max() < calm.main_pressure[street].min()
    assert calm.main_pressure["quai-foch"].min() > 4.0


def test_demand_has_the_days_of_a_town() -> None:
    week = at("2026-11-16T00:00") + np.arange(0, 7 * rhythm.DAY, 600.0)
    flow = water.demand(week, 5000, "town", PARIS, 3)
    hour, weekend = (lambda t: (t.hour, t.weekend))(rhythm.local_time(week, PARIS))
    mean = flow.mean() * 24 / 5000 * 1000
    assert 120 < mean < 180  # litres a day and person
    breakfast = (hour >= 7) & (hour < 8)
    assert flow[breakfast & ~weekend].mean() > 1.3 * flow[breakfast & weekend].mean()
    assert flow[(hour >= 3) & (hour < 4)].mean() < 0.3 * flow.mean()


def test_a_sector_cannot_serve_fewer_people_than_its_streets() -> None:
    wrong = water.Sector("x", 100, 1.0, 60.0, 0.02, (water.Main("y", 101, 0.1, 0.1),))
    with pytest.raises(ValueError, match="sector x"):
        water.sector_state(DAY_GRID, wrong, PARIS, 1)


BIN = places.Bin("place-du-puits", 1000.0, 160.0, frozenset({0, 3}), busy_days=frozenset({5}))


@given(
    st.integers(0, 500),
    st.lists(st.tuples(st.floats(0, 5), st.floats(0.05, 1.5), st.booleans()), max_size=4),
)
@settings(max_examples=60, deadline=None)
def test_what_is_thrown_is_inside_collected_or_overflowing(
    seed: int, acts: list[tuple[float, float, bool]]
) -> None:
    seconds = START + np.arange(0.0, 6 * rhythm.DAY, 1800.0)
    happenings = [
        Disturbance(EMPTY if empty else FILL, BIN.key, START + day * rhythm.DAY, amount)
        for day, amount, empty in acts
    ]
    state = places.bin_state(seconds, BIN, PARIS, seed, happenings)
    np.testing.assert_allclose(state.thrown, state.inside + state.collected + state.overflow)
    for series in (state.inside, state.collected, state.overflow):
        assert np.all(series >= -1e-6)
    assert np.all(state.inside <= BIN.litres + 1e-9)
    assert np.all(np.diff(state.collected) >= -1e-6)


def test_a_bin_fills_and_is_emptied_at_dawn_on_its_days() -> None:
    before, after = at("2026-11-19T06:00"), at("2026-11-19T07:00")  # a Thursday
    state = places.bin_state(np.array([before, after]), BIN, PARIS, 5)
    assert state.inside[0] > 5 * state.inside[1]
    assert state.collected[1] - state.collected[0] == pytest.approx(state.inside[0], rel=0.1)


def test_a_bin_has_one_level_wherever_the_question_begins() -> None:
    long = places.bin_state(np.arange(START - 3e5, START + 1, 600.0), BIN, PARIS, 5)
    short = places.bin_state(np.array([START - 600.0, START]), BIN, PARIS, 5)
    assert short.inside[-1] == pytest.approx(np.interp(START, [START], [long.inside[-1]]), rel=0.02)


SCHOOL = buildings.Building("school", 1.4, 45.0, 70.0, 19.5, 8.0, 17.5, frozenset(range(5)), 9.0)
HALL = buildings.Building("hall", 0.9, 60.0, 45.0, 19.0, 8.5, 18.0, frozenset(range(6)), 4.0)


def test_heat_is_conserved() -> None:
    seconds = START + np.arange(0.0, 5 * rhythm.DAY, 900.0)
    outdoor = weather.weather(seconds, 4).temperature
    run = buildings.heat(seconds, [SCHOOL, HALL], outdoor, PARIS, np.array([19.0, 17.0]))
    stored = np.array([[SCHOOL.mass], [HALL.mass]]) * np.diff(run.indoor)
    np.testing.assert_allclose((run.boiler + run.gains - run.lost) * 0.25, stored, atol=1e-9)
    assert np.all(run.boiler >= 0)


def test_rooms_are_warm_when_open_and_follow_a_fault() -> None:
    seconds = np.arange(at("2026-11-16T00:00"), at("2026-11-21T00:00"), 900.0)
    local = rhythm.local_time(seconds, PARIS)
    calm = buildings.indoor_temperature(seconds, [SCHOOL, HALL], PARIS, 9)["school"]
    class_time = (local.hour > 9) & (local.hour < 17)
    assert 17.5 < calm[class_time].mean() < 22.0
    assert calm[(local.hour > 3) & (local.hour < 5)].mean() < calm[class_time].mean()
    fault = [Disturbance(HEAT, "school", float(seconds[200]), 6.0)]
    hot = buildings.indoor_temperature(seconds, [SCHOOL, HALL], PARIS, 9, fault)["school"]
    np.testing.assert_allclose(hot[:200], calm[:200])
    np.testing.assert_allclose(hot[202:], calm[202:] + 6.0)


def test_weather_is_of_the_loire() -> None:
    year = np.arange(at("2026-01-01T00:00"), at("2027-01-01T00:00"), 3600.0)
    year_weather = weather.weather(year, 11)
    january = year_weather.temperature[: 31 * 24].mean()
    july = year_weather.temperature[181 * 24 : 212 * 24].mean()
    assert 1.0 < january < 9.0
    assert 17.0 < july < 24.0
    assert 400 < year_weather.rain.sum() < 1100  # mm in the year
    assert year_weather.humidity.max() <= 100.0
    assert year_weather.river.min() > 0.0


@pytest.mark.parametrize(
    ("rises", "day"), [("2026-06-21T06:06", "long"), ("2026-12-21T08:47", "short")]
)
def test_the_sun_rises_in_the_almanac_minute(rises: str, day: str) -> None:
    # Angers (47.47 N, 0.55 W) by the IMCCE's tables, refraction included (-0.833 degree).
    moment = at(rises)
    around = np.array([moment - 300.0, moment, moment + 300.0])
    height = weather.sun_height(around, 47.47, -0.55)
    assert height[0] < -0.833 < height[2]


def test_lamps_burn_by_night_and_half_at_midnight() -> None:
    cabinet = places.Cabinet("gare", lamps=40)
    hours = [at(f"2026-11-16T{hour}") for hour in ("12:00", "20:00", "23:59")]
    noon, evening, midnight = places.lighting_power(np.array(hours), cabinet, PARIS, 2, 47.35, -0.1)
    assert noon < 0.06 * evening
    assert midnight == pytest.approx(evening / 2, rel=0.05)


MARKET = places.Place(
    "place-du-puits", ((30.0, 12.0, 3.0, EVERY_DAY), (240.0, 10.5, 1.6, frozenset({5})))
)


@given(st.integers(0, 1000), st.floats(1.0, 800.0))
@settings(max_examples=40, deadline=None)
def test_crowds_are_whole_people_and_gather(seed: int, extra: float) -> None:
    concert = [Disturbance(CROWD, MARKET.key, START + 3600.0, extra, START + 7200.0)]
    calm = places.people_present(DAY_GRID, MARKET, PARIS, seed)
    crowded = places.people_present(DAY_GRID, MARKET, PARIS, seed, concert)
    assert np.all(crowded >= 0)
    assert np.array_equal(crowded, np.round(crowded))
    outside = (DAY_GRID < START + 3600.0) | (DAY_GRID > START + 7200.0 + 240.0)
    assert np.array_equal(calm[outside], crowded[outside])


def test_the_market_gathers_people_on_saturday() -> None:
    friday = at("2026-11-20T10:30")
    saturday = friday + timedelta(days=1).total_seconds()
    there = places.people_present(np.array([friday, saturday]), MARKET, PARIS, 1)
    assert there[1] > 4 * there[0]
