"""The drawn town is plausible, and the same for the same seed."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.project.town.geometry import Ground, along, beside, curve, length
from beffroi.project.town.instruments import TRIAL, devices
from beffroi.project.town.pages import pages
from beffroi.project.town.streets import GROUND, streets
from beffroi.project.town.world import shown

TODAY = dt.date(2026, 11, 23)
NOW = dt.datetime(2026, 11, 23, 20, tzinfo=dt.UTC).timestamp()
points = st.lists(
    st.tuples(st.floats(-2000, 2000), st.floats(-2000, 2000)), min_size=2, max_size=8, unique=True
).filter(lambda p: np.hypot(*np.diff(np.array(p), axis=0).T).min() > 5)


@given(points)
def test_a_curve_goes_through_its_points(control: list[tuple[float, float]]) -> None:
    line = curve(control)
    for point in control:
        assert np.hypot(*(line - np.array(point)).T).min() < 1e-6
    assert length(line) >= np.hypot(*np.diff(np.array(control), axis=0).T).sum() - 1e-6


@given(points)
def test_positions_and_metres_are_two_ways_to_say_the_same(
    control: list[tuple[float, float]],
) -> None:
    ground = Ground(-0.13, 47.3)
    line = np.array(control)
    assert np.allclose(ground.points(ground.positions(line)), line, atol=0.02)


def test_points_beside_a_line_are_on_its_left() -> None:
    road = along(np.array([[0.0, 0.0], [100.0, 0.0]]), 10.0)
    assert np.allclose(beside(road, np.array([50.0]), 7.0), [[50.0, 7.0]])


def test_the_same_seed_draws_the_same_town_and_another_one_other_doors() -> None:
    first, again, other = (streets("demo", seed) for seed in (1, 1, 2))
    assert [s.doors for s in first] == [s.doors for s in again]
    assert [s.doors for s in first] != [s.doors for s in other]
    assert [s.length for s in first] == [s.length for s in other]


def test_streets_have_names_of_their_own_and_plausible_lengths() -> None:
    town = streets("demo", 1)
    assert len({s.plan.key for s in town}) == len({(s.plan.commune, s.plan.name) for s in town})
    assert all(60 < s.length < 2000 for s in town)
    assert sum(len(s.doors) for s in town) > 2000
    for street in town:
        keys = [(door.number, door.suffix) for door in street.doors]
        assert len(keys) == len(set(keys))


def test_doors_are_a_few_metres_from_their_street() -> None:
    for street in streets("demo", 1):
        doors = GROUND.points([door.position for door in street.doors])
        line = along(street.line, 1.0)
        for door in doors:
            assert 1.0 < np.hypot(*(line - door).T).min() < 13.0, street.plan.name


def test_an_unknown_size_is_refused() -> None:
    with pytest.raises(ValueError, match="tiny or demo"):
        streets("huge", 1)


def test_every_driven_device_shows_finite_values() -> None:
    known = devices("demo", 3)
    values = shown(known, NOW + np.arange(0.0, 300.0, 5.0), 3)
    for device in known:
        for series in device.series:
            assert np.isfinite(values[device.key, series.key]).all(), device.key
    assert len({device.key for device in known}) == len(known)
    assert next(d for d in known if d.key == TRIAL).every == 0


def test_the_past_and_the_present_are_one_world() -> None:
    known = devices("demo", 3)
    past = shown(known, NOW + np.arange(-86400.0, 1.0, 600.0), 3)
    present = shown(known, NOW + np.arange(0.0, 300.0, 5.0), 3)
    for key in past:
        if key[1] in {"stored", "production"}:  # the tower forgets where it started in three days
            continue
        assert past[key][-1] == pytest.approx(present[key][0], abs=1.1), key


def test_pages_are_many_checked_and_asked_for() -> None:
    found = pages(TODAY)
    french = [page for page in found if page.language == "fr"]
    assert len(french) >= 25
    assert len({page.slug for page in found}) == len(found)
    for page in found:
        assert page.asks
        assert len(page.body) > 150
        assert TODAY - dt.timedelta(days=90) < page.checked_on < TODAY
    assert not any(" :" in page.body or " ?" in page.body for page in french)
