"""Cutting a series into steps of local time, exact on the two days when the clock moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Step = int | Literal["day", "week", "month"]
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Aggregates:
    """One row per step that holds at least one reading; `starts` in milliseconds UTC."""

    starts: NDArray[np.int64]
    minimum: NDArray[np.float64]
    mean: NDArray[np.float64]
    maximum: NDArray[np.float64]
    count: NDArray[np.int64]


def _midnight(day: date, zone: ZoneInfo) -> int:
    return round(datetime.combine(day, time(), zone).timestamp() * 1000)


def _first_day(day: date, step: Step) -> date:
    if step == "week":
        return day - timedelta(days=day.weekday())
    if step == "month":
        return day.replace(day=1)
    return day


def _next_day(day: date, step: Step) -> date:
    if step == "week":
        return day + timedelta(days=7)
    if step == "month":
        return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return day + timedelta(days=1)


def edges(start_ms: int, end_ms: int, step: Step, zone: ZoneInfo) -> NDArray[np.int64]:
    """Bounds of the steps that cover [start_ms, end_ms), in milliseconds UTC, ascending.

    `step` is a number of seconds or a word of the calendar. Every local day starts a new step,
    so that a day of 23 or 25 hours has 23 or 25 steps of an hour and never shifts the next day.
    Raises ValueError for a step that is not positive.
    """
    if isinstance(step, int) and step <= 0:
        raise ValueError("a step lasts at least one second")
    day = _first_day(datetime.fromtimestamp(start_ms / 1000, zone).date(), step)
    midnights = [_midnight(day, zone)]
    while midnights[-1] < end_ms:
        day = _next_day(day, step)
        midnights.append(_midnight(day, zone))
    if isinstance(step, str) or step * 1000 >= DAY_MS:
        return np.array(midnights, dtype=np.int64)
    within = [
        np.arange(first, following, step * 1000, dtype=np.int64)
        for first, following in pairwise(midnights)
    ]
    return np.append(np.concatenate([*within, np.empty(0, np.int64)]), midnights[-1])


def aggregate(
    times: NDArray[np.int64], values: NDArray[np.float64], bounds: NDArray[np.int64]
) -> Aggregates:
    """Minimum, mean, maximum and count between consecutive bounds; steps without reading are left out.

    `times` ascending, in milliseconds UTC; readings outside the bounds are ignored.
    """
    low, high = np.searchsorted(times, bounds[[0, -1]]) if len(bounds) else (0, 0)
    times, values = times[low:high], values[low:high]
    positions = np.searchsorted(times, bounds)
    count = np.diff(positions)
    held = count > 0
    first = positions[:-1][held]
    if not len(first):
        empty = np.empty(0)
        return Aggregates(first.astype(np.int64), empty, empty, empty, first.astype(np.int64))
    return Aggregates(
        starts=bounds[:-1][held],
        minimum=np.minimum.reduceat(values, first),
        mean=np.add.reduceat(values, first) / count[held],
        maximum=np.maximum.reduceat(values, first),
        count=count[held].astype(np.int64),
    )


def month_of(times: NDArray[np.int64]) -> NDArray[np.int64]:
    """UTC months since 1970-01 of times in milliseconds: what decides of the file of a reading."""
    return times.astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)


def month_start(month: int) -> int:
    """First millisecond (UTC) of a month counted since 1970-01."""
    return round(datetime(1970 + month // 12, month % 12 + 1, 1, tzinfo=UTC).timestamp() * 1000)
