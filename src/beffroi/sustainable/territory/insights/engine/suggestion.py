"""Levels read off the past: what ordinary days never hold for so long."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .threshold import Direction

FEWEST_DAYS = 5
# Five robust deviations: once in centuries if days were normal, a few times a year as they are.
ON_DEVIATIONS = 5.0
OFF_DEVIATIONS = 2.0
MAD_TO_DEVIATION = 1.4826  # of a normal law


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Levels in the unit of the series, learned from `days` ordinary days.

    `usual` is the median reading, `greatest` the highest level that an ordinary day held for the
    duration asked (the lowest, for a rule that looks below).
    """

    on_level: float
    off_level: float
    usual: float
    greatest: float
    days: int


def held_level(
    times: NDArray[np.int64], values: NDArray[np.float64], hold: int, max_gap: int
) -> float:
    """The highest level at or above which the readings of one day stay for `hold` ms of observed time.

    It is the level from which a rule `above` of that duration would have opened that day. A day
    observed for less than `hold` answers its minimum. `times` ascending, ms UTC, not empty.
    """
    gaps = np.diff(times, prepend=times[0])
    observed = np.cumsum(np.where(gaps <= max_gap, gaps, 0))
    ends = np.searchsorted(observed, observed + hold)
    whole = np.flatnonzero(ends < len(times))
    if not len(whole):
        return float(values.min())
    return max(float(values[first : ends[first] + 1].min()) for first in whole)


def suggest(
    times: NDArray[np.int64],
    values: NDArray[np.float64],
    days: NDArray[np.int64],
    direction: Direction,
    hold: int,
    clear_hold: int,
    max_gap: int,
) -> Suggestion | None:
    """Levels under which ordinary days stay, and to which they come back.

    Readings ascending, already cut to the hours of the rule; `days` is the local day of each.
    For each day the level it held for `hold` (see `held_level`) and the one under which it came
    back for `clear_hold`; the on level lies five robust deviations (1.4826 × MAD) over the median of
    the first and one over the greatest; the off level two over the median of the second, at least
    one below the on level. The past given must be ordinary: a leak in it raises the levels.
    None when fewer than five days hold readings.
    """
    sign = 1.0 if direction == "above" else -1.0
    first = np.flatnonzero(np.diff(days, prepend=days[0] - 1 if len(days) else 0))
    if len(first) < FEWEST_DAYS:
        return None
    cuts = list(zip(first, [*first[1:], len(days)], strict=True))
    held = np.array([held_level(times[a:b], sign * values[a:b], hold, max_gap) for a, b in cuts])
    cleared = np.array(
        [-held_level(times[a:b], -sign * values[a:b], clear_hold, max_gap) for a, b in cuts]
    )
    spread = _deviation(held)
    on_level = max(float(np.median(held)) + ON_DEVIATIONS * spread, float(held.max()) + spread)
    off_level = min(
        float(np.median(cleared)) + OFF_DEVIATIONS * _deviation(cleared), on_level - spread
    )
    digits = 1 - math.floor(math.log10(spread))
    return Suggestion(
        on_level=round(sign * on_level, digits),
        off_level=round(sign * off_level, digits),
        usual=float(np.median(values)),
        greatest=float(sign * held.max()),
        days=len(first),
    )


def _deviation(levels: NDArray[np.float64]) -> float:
    """Robust standard deviation, at least one hundredth of the level: a flat past is no certainty."""
    median = float(np.median(levels))
    deviation = MAD_TO_DEVIATION * float(np.median(np.abs(levels - median)))
    return max(deviation, abs(median) / 100, 1e-6)
