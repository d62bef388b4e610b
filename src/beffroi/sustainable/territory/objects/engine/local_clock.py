"""Wall-clock times of a file turned into UTC, the hour that comes twice resolved by order."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
QUARTER_MS = 900_000
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall-clock time has no zone yet


class LocalClock:
    """Turns the times of one file, given in pieces and in the file's order, into UTC.

    In the autumn hour that comes twice the readings of an ascending file are first in summer time,
    and in winter time from the moment the clock goes back (the other way round in a descending
    file). The spring hour that does not exist has no UTC time.
    """

    def __init__(self, zone: ZoneInfo, descending: bool = False) -> None:
        self.zone = zone
        self.direction = -1 if descending else 1
        self._previous: int | None = None
        self._second_pass = False

    def to_utc(self, wall: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """`wall` in ms since a local 1970-01-01; returns ms UTC and which of them exist."""
        if not len(wall):
            return wall, np.zeros(0, np.bool_)
        first, second = self._offsets(wall)
        second_pass = self._passes(wall, first > second)
        self._previous = int(wall[-1])
        return wall - np.where(second_pass, second, first), first >= second

    def _passes(self, wall: NDArray[np.int64], twice: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which readings belong to winter time among those whose hour comes twice."""
        if not twice.any():
            self._second_pass = False
            return twice
        previous = self._previous
        carried = previous is not None and self._inside_twice(previous)
        before = np.append(wall[0] - self.direction if previous is None else previous, wall[:-1])
        before_twice = np.append(carried, twice[:-1])
        advance = self.direction * (wall - before)
        # With hourly readings the repeated hour shows as the same time twice; with finer ones the
        # same time twice is a duplicate and only a step back is the change.
        step = np.median(np.abs(np.diff(wall))) if len(wall) > 1 else HOUR_MS
        turns = twice & before_twice & ((advance < 0) | ((advance == 0) & (step >= HOUR_MS)))
        group_starts = twice & ~before_twice
        turned = np.cumsum(turns)
        at_start = np.maximum.accumulate(np.where(group_starts, turned, 0))
        passed = turned > at_start
        if carried and self._second_pass:
            first_group = np.cumsum(group_starts) == 0
            passed |= first_group
        self._second_pass = bool(passed[-1] and twice[-1])
        return twice & (passed if self.direction > 0 else ~passed)

    def _inside_twice(self, wall: int) -> bool:
        first, second = self._offsets(np.array([wall], np.int64))
        return bool(first[0] > second[0])

    def _offsets(self, wall: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Offsets (ms) of each time read before and after a change of the clock (PEP 495 folds)."""
        days, day_of = np.unique(wall // DAY_MS, return_inverse=True)
        opening, closing = self._fold((days - 1) * DAY_MS, 0), self._fold((days + 2) * DAY_MS, 0)
        first = opening[day_of]
        second = first.copy()
        moving = (opening != closing)[day_of]
        if moving.any():
            quarters, quarter_of = np.unique(wall[moving] // QUARTER_MS, return_inverse=True)
            first[moving] = self._fold(quarters * QUARTER_MS, 0)[quarter_of]
            second[moving] = self._fold(quarters * QUARTER_MS, 1)[quarter_of]
        return first, second

    def _fold(self, wall: NDArray[np.int64], fold: int) -> NDArray[np.int64]:
        shifts = (
            (_EPOCH + timedelta(milliseconds=moment))
            .replace(tzinfo=self.zone, fold=fold)
            .utcoffset()
            for moment in wall.tolist()
        )
        return np.array(
            [round(shift.total_seconds() * 1000) if shift else 0 for shift in shifts], np.int64
        )
