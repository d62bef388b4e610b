"""What a rule would have said of the past, before it is allowed to speak."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from .hours import local_times
from .threshold import State, Threshold, evaluate


@dataclass(frozen=True, slots=True)
class Episode:
    """One alarm of the past; times in ms UTC, `closed_at` None when it is still open at the end."""

    since: int
    opened_at: int
    closed_at: int | None
    peak: float
    peak_at: int


def replay(times: NDArray[np.int64], values: NDArray[np.float64], rule: Threshold) -> list[Episode]:
    """The alarms that `rule` would have raised over ascending readings already cut to its hours."""
    transitions, state = evaluate(times, values, State(), rule)
    episodes: list[Episode] = []
    for opened, closed in zip(transitions[::2], transitions[1::2], strict=False):
        episodes.append(Episode(opened.since, opened.at, closed.at, closed.peak, closed.peak_at))
    if state.is_open:
        last = transitions[-1]
        episodes.append(Episode(last.since, last.at, None, state.peak, state.peak_at))
    return episodes


def by_month(
    episodes: list[Episode], first_ms: int, last_ms: int, zone: ZoneInfo
) -> list[tuple[int, int, int]]:
    """(year, month, number of alarms opened) for each local month of [first_ms, last_ms], zeros included."""
    bounds = local_times(np.array([first_ms, last_ms], np.int64), zone)
    opened = local_times(np.array([episode.opened_at for episode in episodes], np.int64), zone)
    months = opened.astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)
    first, last = bounds.astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)
    return [
        (1970 + month // 12, month % 12 + 1, int((months == month).sum()))
        for month in range(int(first), int(last) + 1)
    ]
