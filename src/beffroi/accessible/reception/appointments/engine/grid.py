"""Instants as numbers of 5-minute cells, and local wall time turned into them.

A cell is a whole number of 5 minutes since 1970-01-01 00:00 UTC. All offsets of the IANA
zones of France are multiples of 15 minutes, so that a local time on the 5-minute grid is a cell
boundary all year round.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

CELL_MINUTES = 5
CELL_SECONDS = 60 * CELL_MINUTES
DAY_MINUTES = 24 * 60

Cells = NDArray[np.int64]
Days = NDArray[np.datetime64]


def cell_of(moment: dt.datetime) -> int:
    """The cell that holds an aware instant (rounded down)."""
    return int(moment.timestamp() // CELL_SECONDS)


def cell_after(moment: dt.datetime) -> int:
    """The first cell boundary at or after an aware instant (rounded up)."""
    return int(-(-moment.timestamp() // CELL_SECONDS))


def moment_of(cell: int) -> dt.datetime:
    """The instant, in UTC, at which a cell begins."""
    return dt.datetime.fromtimestamp(int(cell) * CELL_SECONDS, tz=dt.UTC)


def wall_seconds(day: dt.date, minute: int, zone: ZoneInfo) -> int:
    """Seconds since 1970 of the wall time `minute` (0 to 1440) of a local day.

    As RFC 5545 §3.3.5 asks: a time that occurs twice is the first of the two; a time that is
    skipped in spring is read with the offset before the gap (02:30 becomes 03:30).
    """
    day += dt.timedelta(days=minute // DAY_MINUTES)
    minute %= DAY_MINUTES
    local = dt.datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone)
    return int(local.timestamp())


def wall_cells(
    days: Days, minutes: NDArray[np.integer], zone: ZoneInfo, *, up: bool = False
) -> Cells:
    """Cells of local wall times, element by element.

    `days` (n,) datetime64[D] local dates, `minutes` (n,) minutes after midnight on the clock,
    0 to 1440. Rounds down to the grid, or up. Returns (n,) int64. Most days have one offset from
    midnight to midnight and cost one addition; only the two DST days are read time by time.
    """
    days = days.astype("datetime64[D]")
    distinct, of = np.unique(days, return_inverse=True)
    midnight = np.empty(distinct.size, np.int64)
    even = np.empty(distinct.size, np.bool_)
    for i, day in enumerate(distinct.astype(object)):
        midnight[i] = wall_seconds(day, 0, zone)
        even[i] = wall_seconds(day, DAY_MINUTES, zone) - midnight[i] == DAY_MINUTES * 60
    seconds = midnight[of] + minutes.astype(np.int64) * 60
    for row in np.flatnonzero(~even[of]).tolist():
        seconds[row] = wall_seconds(days[row].astype(object), int(minutes[row]), zone)
    return -(-seconds // CELL_SECONDS) if up else seconds // CELL_SECONDS
