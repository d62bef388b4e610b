"""Axes: round ticks for amounts, ticks of the local calendar for time, fewer points for long series.

Pure functions; times are POSIX seconds (UTC), and a zone says where the clock hangs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

HOUR = 3600
DAY = 86400
#: Steps of the time axis below a day, in minutes of the local clock.
CLOCK_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720)
DAY_STEPS = (1, 2, 7, 14)
MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)


def nice_ticks(low: float, high: float, count: int = 5) -> list[float]:
    """About `count` round values (1, 2 or 5 × a power of ten) whose first and last enclose the range."""
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError("an axis needs finite ends")
    if low > high:
        low, high = high, low
    if high == low:
        margin = abs(high) * 0.1 or 1.0
        low, high = low - margin, high + margin
    rough = (high - low) / max(count - 1, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    decimals = max(0, -math.floor(math.log10(step)) + 1)
    return [round(number * step, decimals) + 0.0 for number in range(first, last + 1)]


def time_ticks(start: float, end: float, zone: tzinfo, count: int = 6) -> list[float]:
    """At most about `count` instants that fall on round hours, midnights or months of the zone.

    On the day when clocks go back, an hour that exists twice has two ticks only for steps of an
    hour or less; on the day when they go forward, the missing hour has none.
    """
    span = end - start
    if span <= 0:
        return [start]
    for minutes in CLOCK_STEPS:
        if span / (minutes * 60) <= count:
            return _clock_ticks(start, end, zone, minutes)
    for days in DAY_STEPS:
        if span / (days * DAY) <= count:
            return _day_ticks(start, end, zone, days)
    months = next((m for m in MONTH_STEPS if span / (m * 30.44 * DAY) <= count), MONTH_STEPS[-1])
    return _month_ticks(start, end, zone, months)


def _clock_ticks(start: float, end: float, zone: tzinfo, minutes: int) -> list[float]:
    # Every zone in use differs from UTC by a multiple of 15 minutes.
    pace = min(minutes, 15) * 60 if minutes % 15 == 0 or minutes < 15 else minutes * 60
    found: list[float] = []
    for instant in np.arange(math.ceil(start / pace) * pace, end + 1, pace):
        local = datetime.fromtimestamp(float(instant), zone)
        if (local.hour * 60 + local.minute) % minutes == 0 and not (local.fold and minutes > 60):
            found.append(float(instant))
    return found


def _midnight(day: date, zone: tzinfo) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()


def _day_ticks(start: float, end: float, zone: tzinfo, days: int) -> list[float]:
    day = datetime.fromtimestamp(start, zone).date()
    found: list[float] = []
    while (instant := _midnight(day, zone)) <= end:
        # Ordinal 1 is a Monday: steps of 7 fall on Mondays.
        if instant >= start and (day.toordinal() - 1) % days == 0:
            found.append(instant)
        day += timedelta(days=1)
    return found


def _month_ticks(start: float, end: float, zone: tzinfo, months: int) -> list[float]:
    first = datetime.fromtimestamp(start, zone)
    number = first.year * 12 + first.month - 1
    found: list[float] = []
    while (instant := _midnight(date(number // 12, number % 12 + 1, 1), zone)) <= end:
        if instant >= start and number % months == 0:
            found.append(instant)
        number += 1
    return found


def decimate(times: Floats, values: Floats, limit: int) -> tuple[Floats, Floats]:
    """At most `limit` points of a series: the lowest and the highest of each of limit/2 equal spans.

    No extreme is lost, and a hole (NaN) stays a hole. Times must rise.
    """
    if len(times) <= limit:
        return times, values
    spans = max(limit // 3, 1)
    span = (times[-1] - times[0]) / spans or 1.0
    bucket = np.minimum(((times - times[0]) / span).astype(np.int64), spans - 1)
    starts = np.flatnonzero(np.diff(bucket, prepend=-1))
    ends = np.append(starts[1:], len(times))
    kept: list[int] = []
    for begin, stop in zip(starts.tolist(), ends.tolist(), strict=True):
        part = values[begin:stop]
        known = np.flatnonzero(~np.isnan(part))
        chosen = set()
        if len(known):
            chosen = {
                begin + int(known[np.argmin(part[known])]),
                begin + int(known[np.argmax(part[known])]),
            }
        holes = np.flatnonzero(np.isnan(part))
        if len(holes):
            chosen.add(begin + int(holes[0]))
        kept.extend(sorted(chosen))
    index = np.array(kept, dtype=np.int64)
    return times[index], values[index]


def seconds(times: Sequence[datetime]) -> Floats:
    """POSIX seconds of aware datetimes; ValueError for a naive one."""
    if any(moment.tzinfo is None for moment in times):
        raise ValueError("a chart needs aware datetimes")
    return np.array([moment.timestamp() for moment in times], dtype=np.float64)


def moment(instant: float) -> datetime:
    return datetime.fromtimestamp(instant, UTC)
