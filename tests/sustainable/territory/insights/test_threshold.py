"""The threshold rule against a reading-by-reading oracle, and its promise: batches do not matter."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.sustainable.territory.insights.engine.threshold import (
    State,
    Threshold,
    Transition,
    evaluate,
)

MINUTE = 60_000


def rule(**changes: object) -> Threshold:
    fields = {
        "direction": "above", "on_level": 10.0, "off_level": 7.0,
        "hold": 10 * MINUTE, "clear_hold": 10 * MINUTE, "max_gap": 15 * MINUTE,
    } | changes  # fmt: skip
    return Threshold(**fields)  # type: ignore[arg-type]


def run(
    points: list[tuple[int, float]], state: State, threshold: Threshold
) -> tuple[list[Transition], State]:
    times = np.array([time for time, _ in points], dtype=np.int64)
    values = np.array([value for _, value in points], dtype=np.float64)
    return evaluate(times, values, state, threshold)


def oracle(points: list[tuple[int, float]], threshold: Threshold) -> list[Transition]:
    """The same rule as one would say it aloud, one reading at a time."""
    found: list[Transition] = []
    last, opened = None, False
    beyond_for: int | None = None
    calm_for: int | None = None
    since, peak, peak_at = 0, 0.0, 0
    for time, value in points:
        if last is not None and time <= last:
            continue
        gap = 0 if last is None or time - last > threshold.max_gap else time - last
        last = time
        above = threshold.direction == "above"
        beyond = value >= threshold.on_level if above else value <= threshold.on_level
        calm = not beyond and (
            value <= threshold.off_level if above else value >= threshold.off_level
        )
        beyond_for = (0 if beyond_for is None else beyond_for + gap) if beyond else None
        calm_for = (0 if calm_for is None else calm_for + gap) if calm else None
        if not opened:
            if not beyond:
                since = 0
            elif since == 0:
                since, peak, peak_at = time, value, time
            elif (value > peak) if above else (value < peak):
                peak, peak_at = value, time
            if beyond and beyond_for is not None and beyond_for >= threshold.hold:
                opened = True
                found.append(Transition("opened", time, value, since, peak, peak_at))
        else:
            if (value > peak) if above else (value < peak):
                peak, peak_at = value, time
            if calm and calm_for is not None and calm_for >= threshold.clear_hold:
                opened = False
                found.append(Transition("closed", time, value, since, peak, peak_at))
                since = 0
    return found


readings = st.lists(
    st.tuples(
        st.integers(-3, 25).map(lambda minutes: minutes * MINUTE),
        st.sampled_from([0.0, 5.0, 7.0, 8.0, 9.5, 10.0, 11.0, 20.0]),
    ),
    max_size=60,
).map(
    lambda steps: [
        (1_000 * MINUTE + sum(s for s, _ in steps[: i + 1]), v) for i, (_, v) in enumerate(steps)
    ]
)
rules = st.builds(
    lambda direction, hold, clear: rule(
        direction=direction,
        on_level=10.0 if direction == "above" else 7.0,
        off_level=7.0 if direction == "above" else 10.0,
        hold=hold * MINUTE,
        clear_hold=clear * MINUTE,
    ),
    st.sampled_from(["above", "below"]),
    st.integers(0, 40),
    st.integers(0, 40),
)


@given(readings, rules)
def test_the_vectorised_rule_says_what_the_plain_one_says(
    points: list[tuple[int, float]], threshold: Threshold
) -> None:
    assert run(points, State(), threshold)[0] == oracle(points, threshold)


@given(readings, rules, st.lists(st.integers(0, 60), max_size=6))
def test_any_cut_of_the_stream_gives_the_same_transitions_and_state(
    points: list[tuple[int, float]], threshold: Threshold, cuts: list[int]
) -> None:
    whole, final = run(points, State(), threshold)
    bounds = sorted({0, len(points), *(cut for cut in cuts if cut <= len(points))})
    state, pieces = State(), []
    for first, last in pairwise(bounds):
        found, state = run(points[first:last], state, threshold)
        pieces += found
    assert pieces == whole
    assert state == final


@given(readings, rules)
def test_readings_seen_twice_change_nothing(
    points: list[tuple[int, float]], threshold: Threshold
) -> None:
    _, once = run(points, State(), threshold)
    again, twice = run(points, once, threshold)
    assert again == []
    assert (twice.last, twice.is_open, twice.peak) == (once.last, once.is_open, once.peak)


def every(minutes: int, values: list[float], start: int = 1_000) -> list[tuple[int, float]]:
    return [((start + minutes * i) * MINUTE, value) for i, value in enumerate(values)]


def test_it_opens_after_the_duration_and_says_since_when() -> None:
    (opened,), state = run(every(5, [5, 12, 13, 12]), State(), rule())
    assert (opened.kind, opened.since, opened.at, opened.peak) == (
        "opened",
        1_005 * MINUTE,
        1_015 * MINUTE,
        13,
    )
    assert state.is_open


def test_a_short_excess_says_nothing() -> None:
    assert run(every(5, [5, 12, 13, 5, 12, 12]), State(), rule())[0] == []


def test_between_the_two_levels_nothing_changes() -> None:
    transitions, state = run(every(5, [12, 12, 12, 8, 9, 8, 9, 8]), State(), rule())
    assert [t.kind for t in transitions] == ["opened"]
    assert state.is_open
    closed, state = run(every(5, [7, 8, 7, 7, 7], start=1_040), state, rule())
    assert [(t.kind, t.at) for t in closed] == [("closed", 1_060 * MINUTE)]


def test_a_hole_in_the_readings_counts_for_nothing() -> None:
    points = [(0, 12.0), (5 * MINUTE, 12.0), (65 * MINUTE, 12.0), (70 * MINUTE, 12.0)]
    (opened,), _ = run(points, State(), rule())
    assert opened.at == 70 * MINUTE


def test_a_late_reading_is_counted_and_left_out() -> None:
    transitions, state = run(
        [(20 * MINUTE, 5.0), (10 * MINUTE, 99.0), (20 * MINUTE, 99.0)], State(), rule(hold=0)
    )
    assert transitions == []
    assert state.late == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"off_level": 11.0},
        {"direction": "below"},
        {"hold": -1},
        {"max_gap": 0},
        {"on_level": float("nan")},
    ],
)
def test_an_impossible_rule_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        rule(**wrong)
