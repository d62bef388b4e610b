"""Local time of arrays of instants, and the daily and weekly rhythms of a town."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from beffroi.project.town.physics.chance import Floats, Seconds

DAY = 86_400.0
HOUR = 3_600.0
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)


@dataclass(frozen=True)
class LocalTime:
    """The wall clock of each instant."""

    hour: Floats
    """Hour of the day, 0 to 24, with its fraction."""
    weekday: NDArray[np.int64]
    """0 = Monday."""
    day: NDArray[np.int64]
    """Local day number since 1970-01-01."""
    year_fraction: Floats
    """0 on 1 January, 1 on 31 December."""

    @property
    def weekend(self) -> NDArray[np.bool_]:
        return np.asarray(self.weekday >= SATURDAY)


def utc_offset(seconds: Seconds, zone: ZoneInfo) -> Floats:
    """Seconds to add to UTC to read the clock of `zone`, right through both clock changes."""
    quarters, where = np.unique(
        np.floor(np.asarray(seconds, dtype=np.float64) / 900.0).astype(np.int64),
        return_inverse=True,
    )
    # Clocks change on a quarter of an hour everywhere, so one look-up a quarter is exact; asking
    # at both ends of a long run of quarters first keeps a year of readings cheap.
    offsets = np.empty(len(quarters))
    _fill_offsets(quarters, offsets, 0, len(quarters) - 1, zone)
    return np.asarray(offsets[where].reshape(np.shape(seconds)))


def _offset_at(quarter: int, zone: ZoneInfo) -> float:
    delta = datetime.fromtimestamp(quarter * 900, UTC).astimezone(zone).utcoffset()
    return delta.total_seconds() if delta else 0.0


def _fill_offsets(
    quarters: NDArray[np.int64], offsets: Floats, first: int, last: int, zone: ZoneInfo
) -> None:
    if first > last:
        return
    start, end = _offset_at(int(quarters[first]), zone), _offset_at(int(quarters[last]), zone)
    # Under ten days there is at most one clock change between the two ends.
    if start == end and quarters[last] - quarters[first] < 960:
        offsets[first : last + 1] = start
        return
    if last - first < 2:
        offsets[first], offsets[last] = start, end
        return
    middle = (first + last) // 2
    _fill_offsets(quarters, offsets, first, middle, zone)
    _fill_offsets(quarters, offsets, middle + 1, last, zone)


def local_time(seconds: Seconds, zone: ZoneInfo) -> LocalTime:
    """The wall clock of `zone` at each instant."""
    wall = np.asarray(seconds, dtype=np.float64) + utc_offset(seconds, zone)
    day = np.floor(wall / DAY).astype(np.int64)
    year_start = day.astype("datetime64[D]").astype("datetime64[Y]").astype("datetime64[D]")
    elapsed = (day.astype("datetime64[D]") - year_start).astype(np.int64)
    return LocalTime(
        hour=np.asarray((wall - day * DAY) / HOUR),
        weekday=np.asarray((day + 3) % 7),  # 1970-01-01 was a Thursday
        day=day,
        year_fraction=np.asarray(np.minimum(elapsed / 365.0, 1.0)),
    )


def daily(profile: tuple[float, ...], hour: Floats) -> Floats:
    """A 24-value profile read at any hour, joined by straight lines across midnight."""
    values = np.asarray(profile, dtype=np.float64)
    return np.interp(hour, np.arange(25), np.append(values, values[0]))


def bump(hour: Floats, centre: float, width: float) -> Floats:
    """A bell of height 1 around `centre`, in hours."""
    return np.asarray(np.exp(-0.5 * ((hour - centre) / width) ** 2))
