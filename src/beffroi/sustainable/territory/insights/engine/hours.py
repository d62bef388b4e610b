"""The hours of the day in which a rule looks, on the clock of the place."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

DAY_MS = 86_400_000
# Every offset in use since 1970 begins on a quarter of an hour.
QUARTER_MS = 900_000
MINUTE_MS = 60_000


def local_times(times: NDArray[np.int64], zone: ZoneInfo) -> NDArray[np.int64]:
    """Wall-clock times of `times` (ms UTC) in `zone`, as milliseconds since a local 1970-01-01."""
    if not len(times):
        return times
    # The offset is looked up once a day, and by quarters only on the days when the clock moves.
    days, day_of = np.unique(times // DAY_MS, return_inverse=True)
    opening, closing = _offsets(days * DAY_MS, zone), _offsets((days + 1) * DAY_MS, zone)
    offsets = opening[day_of]
    moving = (opening != closing)[day_of]
    if moving.any():
        quarters, quarter_of = np.unique(times[moving] // QUARTER_MS, return_inverse=True)
        offsets[moving] = _offsets(quarters * QUARTER_MS, zone)[quarter_of]
    return times + offsets


def _offsets(times: NDArray[np.int64], zone: ZoneInfo) -> NDArray[np.int64]:
    shifts = (datetime.fromtimestamp(moment / 1000, zone).utcoffset() for moment in times.tolist())
    return np.array(
        [round(shift.total_seconds() * 1000) if shift else 0 for shift in shifts], np.int64
    )


def within_hours(
    times: NDArray[np.int64], zone: ZoneInfo, start: int, end: int
) -> NDArray[np.bool_]:
    """Which times (ms UTC) fall at or after minute `start` and before minute `end` of the local day.

    A window whose end comes before its start crosses midnight; equal bounds mean the whole day.
    Raises ValueError for minutes outside 0..1439.
    """
    if not (0 <= start < 1440 and 0 <= end < 1440):
        raise ValueError("a day has 1440 minutes")
    if start == end:
        return np.ones(len(times), dtype=np.bool_)
    minute = local_times(times, zone) % DAY_MS // MINUTE_MS
    if start < end:
        return (minute >= start) & (minute < end)
    return (minute >= start) | (minute < end)


def local_days(times: NDArray[np.int64], zone: ZoneInfo, start: int = 0) -> NDArray[np.int64]:
    """Local day (days since 1970-01-01) of each time; a day begins at minute `start`, so that a
    window that crosses midnight belongs to the evening it began."""
    return (local_times(times, zone) - start * MINUTE_MS) // DAY_MS
