"""The threshold rule: a level held for a time opens, a lower level held for a time closes.

Everything is counted on the readings' own clock, so that the past can be replayed and a live
stream, however it is cut into batches, gives the transitions of one single pass.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Direction = Literal["above", "below"]


@dataclass(frozen=True, slots=True)
class Threshold:
    """Levels in the unit of the series, durations in milliseconds.

    Direction `above`: a reading is *beyond* from `on_level` up and *calm* from `off_level` down
    (`below`: the other way round); between the two nothing changes (hysteresis). `max_gap` is the
    longest interval between two readings that counts as observed.

    Raises ValueError when the levels are crossed or a duration is negative.
    """

    direction: Direction
    on_level: float
    off_level: float
    hold: int
    clear_hold: int
    max_gap: int

    def __post_init__(self) -> None:
        if not (np.isfinite(self.on_level) and np.isfinite(self.off_level)):
            raise ValueError("levels are finite numbers")
        if self.sign * self.on_level < self.sign * self.off_level:
            raise ValueError("the off level lies on the calm side of the on level")
        if min(self.hold, self.clear_hold) < 0 or self.max_gap <= 0:
            raise ValueError("durations are not negative and the longest gap is positive")

    @property
    def sign(self) -> float:
        return 1.0 if self.direction == "above" else -1.0


@dataclass(frozen=True, slots=True)
class State:
    """What the rule remembers of one series: a handful of numbers, whatever the length of the past.

    `beyond_for` and `calm_for` are the observed durations (ms) of the run that goes on, -1 when
    none does; `since` is the first reading of the run beyond (or of the open alarm), `peak` and
    `peak_at` its extreme value and the time of it. `late` counts the readings left out.
    """

    last: int | None = None
    is_open: bool = False
    beyond_for: int = -1
    calm_for: int = -1
    since: int = 0
    peak: float = 0.0
    peak_at: int = 0
    late: int = 0


@dataclass(frozen=True, slots=True)
class Transition:
    """The alarm opened or closed at the reading of time `at` (ms UTC) and value `value`.

    `since` is the onset: the first reading of the run that opened it. `peak` and `peak_at` are
    those known at that moment.
    """

    kind: Literal["opened", "closed"]
    at: int
    value: float
    since: int
    peak: float
    peak_at: int


def evaluate(
    times: NDArray[np.int64], values: NDArray[np.float64], state: State, rule: Threshold
) -> tuple[list[Transition], State]:
    """Feed readings, in the order they arrived, to a rule that is in `state`.

    `times` in milliseconds UTC, `values` finite, both of one length. A reading that is not later
    than every reading before it is *late*: it is stored and drawn elsewhere, but an open rule never
    changes its mind about the past, so it is counted and left out here. An interval longer than
    `max_gap` counts for nothing: what was not observed proves neither a leak nor its end. Yet a run
    goes on across it, which lets "three nights in a row" be said with hours of nights only.

    Returns the transitions in order and the state to keep for the next call.
    """
    late = _late(times, state.last)
    on_time = ~late
    times, values = times[on_time], values[on_time]
    state = replace(state, late=state.late + int(late.sum()))
    if not len(times):
        return [], state

    signed = rule.sign * values
    observed = _observed(times, state.last, rule.max_gap)
    beyond = signed >= rule.sign * rule.on_level
    calm = ~beyond & (signed <= rule.sign * rule.off_level)
    beyond_for = _run_lengths(beyond, observed, state.beyond_for)
    calm_for = _run_lengths(calm, observed, state.calm_for)
    opens = np.flatnonzero(beyond & (beyond_for >= rule.hold))
    closes = np.flatnonzero(calm & (calm_for >= rule.clear_hold))

    transitions: list[Transition] = []
    at, end = 0, len(times)
    while at < end:
        candidates = closes if state.is_open else opens
        place = int(np.searchsorted(candidates, at))
        turn = int(candidates[place]) if place < len(candidates) else end
        stop = min(turn + 1, end)
        if state.is_open:
            # The closing reading is calm: it cannot be the peak, looking at it does no harm.
            state = _with_peak(state, times, signed, at, stop, rule.sign)
        else:
            state = _follow_run(state, times, signed, beyond, at, stop, rule.sign)
        if turn < end:
            state = replace(state, is_open=not state.is_open)
            kind: Literal["opened", "closed"] = "opened" if state.is_open else "closed"
            transitions.append(
                Transition(
                    kind,
                    int(times[turn]),
                    float(values[turn]),
                    state.since,
                    state.peak,
                    state.peak_at,
                )
            )
        at = stop
    if not state.is_open and not beyond[-1]:
        # Nothing goes on: what is remembered must not depend on how the stream was cut.
        state = replace(state, since=0, peak=0.0, peak_at=0)
    return transitions, replace(
        state,
        last=int(times[-1]),
        beyond_for=int(beyond_for[-1]) if beyond[-1] else -1,
        calm_for=int(calm_for[-1]) if calm[-1] else -1,
    )


def _late(times: NDArray[np.int64], last: int | None) -> NDArray[np.bool_]:
    """Readings not later than all before them."""
    floor = np.iinfo(np.int64).min if last is None else last
    return times <= np.maximum.accumulate(np.append(np.int64(floor), times))[:-1]


def _observed(times: NDArray[np.int64], last: int | None, max_gap: int) -> NDArray[np.int64]:
    """Observed duration since the reading before the first one, at each reading."""
    gaps = np.diff(times, prepend=times[0] if last is None else np.int64(last))
    return np.cumsum(np.where(gaps <= max_gap, gaps, 0))


def _run_lengths(
    holds: NDArray[np.bool_], observed: NDArray[np.int64], carried: int
) -> NDArray[np.int64]:
    """Observed duration of the run of true values that each reading ends; only meaningful where true."""
    starts = holds & ~np.append(carried >= 0, holds[:-1])
    # A run that began in an earlier call began `carried` before observed time zero.
    base = np.where(starts, observed, np.iinfo(np.int64).min)
    base[0] = base[0] if starts[0] else -max(carried, 0)
    return observed - np.maximum.accumulate(base)


def _with_peak(
    state: State,
    times: NDArray[np.int64],
    signed: NDArray[np.float64],
    start: int,
    stop: int,
    sign: float,
) -> State:
    best = start + int(np.argmax(signed[start:stop]))
    if signed[best] > sign * state.peak:
        return replace(state, peak=float(sign * signed[best]), peak_at=int(times[best]))
    return state


def _follow_run(
    state: State,
    times: NDArray[np.int64],
    signed: NDArray[np.float64],
    beyond: NDArray[np.bool_],
    start: int,
    stop: int,
    sign: float,
) -> State:
    """Remember the start and the peak of the run beyond that the stretch [start, stop) ends with."""
    if not beyond[stop - 1]:
        return state
    before = np.flatnonzero(~beyond[start:stop])
    first = start + int(before[-1]) + 1 if len(before) else start
    goes_on = first == start and (state.beyond_for >= 0 if start == 0 else bool(beyond[start - 1]))
    if goes_on:
        return _with_peak(state, times, signed, start, stop, sign)
    state = replace(
        state, since=int(times[first]), peak=float(sign * signed[first]), peak_at=int(times[first])
    )
    return _with_peak(state, times, signed, first, stop, sign)
