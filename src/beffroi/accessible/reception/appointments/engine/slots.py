"""Free slots of many agents: openings minus what is taken, on a 5-minute grid.

The definition is that of RDV Service Public's calculator: each occurrence of an opening loses
its appointments and absences, and in every free interval that remains consecutive slots of the
reason's duration are laid from the beginning of the interval. Two openings that touch are not
joined.

What is taken is kept as one row of bits per agent; the free intervals ("runs") of every
occurrence are derived from it once, and again for the agents that change. A search is then a
selection of runs and one integer division: it does not depend on the number of appointments.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from .grid import DAY_MINUTES, Cells, Days, wall_cells

Rows = NDArray[np.int64]
Bits = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Openings:
    """Weekly rules, one element per opening, times on the local clock.

    `agent` row of the agent; `weekday` ISO, 1 = Monday; `starts`, `ends` minutes after midnight
    (`ends` up to 1440); `first_day`, `last_day` bounds, both included; `every` number of weeks
    between two occurrences, counted in weeks that begin on Monday from that of `first_day`
    (RFC 5545 INTERVAL with WKST=MO). `excluded` lists (opening, day) pairs that do not take place
    (EXDATE).
    """

    agent: Rows
    weekday: Rows
    starts: Rows
    ends: Rows
    first_day: Days
    last_day: Days
    every: Rows
    excluded: tuple[tuple[int, dt.date], ...] = ()

    def __len__(self) -> int:
        return len(self.agent)


@dataclass(frozen=True, slots=True)
class Runs:
    """Free intervals: agent row, opening, local day, first cell, number of cells."""

    agent: Rows
    opening: Rows
    day: Days
    start: Cells
    length: Cells

    def __len__(self) -> int:
        return len(self.start)

    def take(self, index: NDArray[np.bool_]) -> Runs:
        return Runs(*(column[index] for column in self._columns()))

    def join(self, other: Runs) -> Runs:
        pairs = zip(self._columns(), other._columns(), strict=True)
        return Runs(*(np.concatenate(pair) for pair in pairs))

    def _columns(self) -> tuple[NDArray, ...]:
        return self.agent, self.opening, self.day, self.start, self.length


@dataclass(frozen=True, slots=True)
class Found:
    """Slots in order of start, then agent row: (n,) agent rows, first cells, opening rows."""

    agent: Rows
    start: Cells
    opening: Rows

    def __len__(self) -> int:
        return len(self.start)


def occurrences(
    openings: Openings,
    first_day: dt.date,
    days: int,
    zone: ZoneInfo,
    closed: Iterable[dt.date] = (),
) -> Runs:
    """Every occurrence of the openings over `days` local days, as one whole free interval each.

    `closed` days (public holidays) have none. Times are read on the local clock of each day: an
    opening 9 to 12 stays 9 to 12 across the changes of hour, one that spans the change lasts an
    hour more or less.
    """
    span = np.datetime64(first_day, "D") + np.arange(days)
    # 1970-01-01 was a Thursday; weeks are counted from the Monday before it.
    ordinal = span.astype(np.int64) + 3
    takes_place = openings.weekday[:, None] == ordinal[None, :] % 7 + 1
    takes_place &= openings.first_day[:, None] <= span[None, :]
    takes_place &= openings.last_day[:, None] >= span[None, :]
    if (openings.every > 1).any():
        first_week = (openings.first_day.astype(np.int64) + 3) // 7
        weeks = ordinal[None, :] // 7 - first_week[:, None]
        takes_place &= weeks % openings.every[:, None] == 0
    takes_place &= ~np.isin(span, np.array(sorted(closed), "datetime64[D]"))[None, :]
    for opening, day in openings.excluded:
        if 0 <= (day - first_day).days < days:
            takes_place[opening, (day - first_day).days] = False
    rows, offset = np.nonzero(takes_place)
    dates = span[offset]
    start = wall_cells(dates, openings.starts[rows], zone, up=True)
    end = wall_cells(dates, openings.ends[rows], zone)
    # An opening that lies wholly in the hour skipped in spring does not take place.
    real = end > start
    return Runs(
        openings.agent[rows][real], rows[real], dates[real], start[real], (end - start)[real]
    )


class Calendar:
    """What a set of agents can offer over a span of local days.

    `agents` is the number of rows; `first_day` and `days` bound the span. Nothing is taken until
    `occupy` says so. Reading is safe while another thread changes the calendar: a search works on
    the free intervals as they were when it began.
    """

    def __init__(
        self,
        agents: int,
        openings: Openings,
        first_day: dt.date,
        days: int,
        zone: ZoneInfo,
        closed: Iterable[dt.date] = (),
    ) -> None:
        self.first_day = first_day
        self.last_day = first_day + dt.timedelta(days=days - 1)
        bounds = np.array([first_day, first_day + dt.timedelta(days=days)], "datetime64[D]")
        self.first_cell, self.end_cell = (
            int(cell) for cell in wall_cells(bounds, np.zeros(2, np.int64), zone)
        )
        self._occurrences = occurrences(openings, first_day, days, zone, closed)
        self._taken: Bits = np.zeros((agents, -(-self.cells // 8)), np.uint8)
        self._runs = self._occurrences

    @property
    def cells(self) -> int:
        return self.end_cell - self.first_cell

    @property
    def free(self) -> Runs:
        """The free intervals as they stand."""
        return self._runs

    def occupy(self, rows: Rows, agent: Rows, start: Cells, end: Cells) -> None:
        """Replaces what is taken of the agents `rows` by the half-open intervals [start, end).

        `agent` (n,) rows, all of them among `rows`; `start`, `end` (n,) cells, clipped to the
        span; they may overlap. Agents that are not in `rows` keep theirs.
        """
        rows = np.unique(rows)
        place = np.searchsorted(rows, agent)
        low = np.clip(start - self.first_cell, 0, self.cells)
        high = np.clip(end - self.first_cell, 0, self.cells)
        for part in range(0, len(rows), 500):
            here = (place >= part) & (place < part + 500)
            block = rows[part : part + 500]
            # +1 where an interval begins, -1 where it ends: taken where the running sum is not 0.
            steps = np.zeros((len(block), self.cells + 1), np.int32)
            np.add.at(steps, (place[here] - part, low[here]), 1)
            np.add.at(steps, (place[here] - part, high[here]), -1)
            depth = np.cumsum(steps, axis=1)[:, :-1]
            self._taken[block] = np.packbits(depth > 0, axis=1)
        kept = self._runs.take(~np.isin(self._runs.agent, rows))
        self._runs = kept.join(self._free_runs(rows))

    def slots(
        self,
        offered: NDArray[np.bool_],
        length: int,
        first_day: dt.date,
        last_day: dt.date,
        not_before: int = 0,
    ) -> Found:
        """Slots of `length` cells on the local days `first_day` to `last_day`, both included.

        `offered` (openings,) says which openings serve the reason asked for, and where. Slots
        that begin before the cell `not_before` are left out. An agent whose openings overlap
        offers a start once.
        """
        runs, count = self._serving(offered, length, first_day, last_day)
        total = int(count.sum())
        rank = np.arange(total) - np.repeat(np.cumsum(count) - count, count)
        start = np.repeat(runs.start, count) + rank * length
        wanted = np.flatnonzero(start >= not_before)
        interval = np.repeat(np.arange(len(count)), count)[wanted]
        agents = max(len(self._taken), 1)
        distinct, first = np.unique(
            start[wanted] * agents + runs.agent[interval], return_index=True
        )
        return Found(distinct % agents, distinct // agents, runs.opening[interval[first]])

    def first_slots(
        self,
        offered: NDArray[np.bool_],
        group: Rows,
        groups: int,
        length: int,
        first_day: dt.date,
        last_day: dt.date,
        not_before: int = 0,
    ) -> Cells:
        """The earliest slot of each group of openings (a site): (groups,) cells, -1 for none.

        `group` (openings,) number of the group of each opening; the rest as `slots`.
        """
        runs, count = self._serving(offered, length, first_day, last_day)
        rank = np.maximum(0, -((runs.start - not_before) // length))
        possible = rank < count
        earliest = np.full(groups, np.iinfo(np.int64).max)
        start = (runs.start + rank * length)[possible]
        np.minimum.at(earliest, group[runs.opening[possible]], start)
        return np.where(earliest == np.iinfo(np.int64).max, -1, earliest)

    def _serving(
        self, offered: NDArray[np.bool_], length: int, first_day: dt.date, last_day: dt.date
    ) -> tuple[Runs, Cells]:
        """The free intervals that can hold a slot, and how many each of them holds."""
        if length < 1:
            raise ValueError("a slot lasts at least one cell")
        runs = self._runs
        fits = offered[runs.opening] & (runs.length >= length)
        fits &= (runs.day >= np.datetime64(first_day, "D")) & (
            runs.day <= np.datetime64(last_day, "D")
        )
        chosen = runs.take(fits)
        return chosen, chosen.length // length

    def _free_runs(self, rows: Rows) -> Runs:
        whole = self._occurrences.take(np.isin(self._occurrences.agent, rows))
        if not len(whole):
            return whole
        taken = np.unpackbits(self._taken[rows], axis=1, count=self.cells).ravel()
        begins = np.cumsum(whole.length) - whole.length
        shift = np.searchsorted(rows, whole.agent) * self.cells + whole.start - self.first_cell
        free = (
            taken[np.arange(int(whole.length.sum())) + np.repeat(shift - begins, whole.length)] == 0
        )
        # Runs end with their occurrence, even when the next one goes on without a gap.
        edge = np.zeros(len(free) + 1, np.bool_)
        edge[begins] = True
        edge[-1] = True
        first = free.copy()
        first[1:] &= ~free[:-1] | edge[1:-1]
        last = free.copy()
        last[:-1] &= ~free[1:] | edge[1:-1]
        from_cell, to_cell = np.flatnonzero(first), np.flatnonzero(last)
        of = np.searchsorted(begins, from_cell, side="right") - 1
        return Runs(
            whole.agent[of],
            whole.opening[of],
            whole.day[of],
            whole.start[of] + from_cell - begins[of],
            to_cell - from_cell + 1,
        )


def minutes_of(time: dt.time) -> int:
    """Minutes after midnight of a local time; the last minute of the day stands for 24:00."""
    minute = time.hour * 60 + time.minute
    return DAY_MINUTES if minute == DAY_MINUTES - 1 else minute
