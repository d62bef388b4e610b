"""People in places, waste in bins, light in streets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import numpy as np

from beffroi.project.town.physics.chance import Floats, Seconds, smooth
from beffroi.project.town.physics.disturbances import CROWD, EMPTY, FILL, Disturbance, active
from beffroi.project.town.physics.rhythm import DAY, HOUR, bump, local_time, utc_offset
from beffroi.project.town.physics.weather import sun_height, weather

STEP = 600.0
"""Seconds of the grid on which bins fill."""


@dataclass(frozen=True)
class Place:
    """A counted place: bells of people over the day, each on its own week days."""

    key: str
    bells: tuple[tuple[float, float, float, frozenset[int]], ...]
    """(people at the top, hour of the top, width in hours, week days)."""
    outdoors: bool = True


def people_present(
    seconds: Seconds,
    place: Place,
    zone: ZoneInfo,
    seed: int,
    disturbances: Iterable[Disturbance] = (),
) -> Floats:
    """Whole people at each instant: rhythm, rain that empties the squares, and what happens."""
    seconds = np.asarray(seconds, dtype=np.float64)
    disturbances = list(disturbances)
    local = local_time(seconds, zone)
    expected = np.zeros(np.shape(seconds))
    for top, centre, width, days in place.bells:
        expected += (
            top * bump(local.hour, centre, width) * np.isin(local.weekday, np.array(sorted(days)))
        )
    if place.outdoors:
        expected = expected * np.exp(-0.5 * weather(seconds, seed).rain)
    expected = expected * np.exp(0.18 * smooth(seed, f"crowd/{place.key}/day", seconds, 7 * HOUR))
    expected = expected + active(disturbances, CROWD, place.key, seconds, ramp=240.0)
    noise = smooth(seed, f"crowd/{place.key}", seconds, 150.0)
    return np.maximum(0.0, np.round(expected + np.sqrt(np.maximum(expected, 0.0)) * 0.7 * noise))


@dataclass(frozen=True)
class Bin:
    """A container with a level sensor."""

    key: str
    litres: float
    litres_per_day: float
    rounds: frozenset[int]
    """Week days of the collection, made at `round_hour` local time."""
    round_hour: float = 6.5
    busy_days: frozenset[int] = field(default_factory=frozenset)
    """Days that bring twice as much, market days for instance."""


@dataclass(frozen=True)
class BinState:
    """One value per instant, in litres; thrown = inside + collected + overflow, always."""

    thrown: Floats  # since the first instant, what was inside then included
    inside: Floats
    collected: Floats
    overflow: Floats


def bin_state(
    seconds: Seconds,
    container: Bin,
    zone: ZoneInfo,
    seed: int,
    disturbances: Iterable[Disturbance] = (),
) -> BinState:
    """A bin at each (increasing) instant; `fill` and `empty` disturbances act at their start."""
    seconds = np.asarray(seconds, dtype=np.float64)
    acts = [d for d in disturbances if d.place == container.key and d.kind in (FILL, EMPTY)]
    grid = _grid(float(seconds[0]), float(seconds[-1]), container)
    local = local_time(grid[:-1], zone)
    rate = container.litres_per_day / DAY
    rhythm = 0.15 + 1.25 * (bump(local.hour, 12.5, 3.0) + 0.8 * bump(local.hour, 19.0, 2.0))
    busy = np.where(np.isin(local.weekday, np.array(sorted(container.busy_days))), 2.0, 1.0)
    chance = np.exp(0.3 * smooth(seed, f"bin/{container.key}", grid[:-1], 3 * HOUR))
    added = rate * rhythm * busy * chance * np.diff(grid)
    for act in acts:
        where = int(np.searchsorted(grid, act.start, side="right")) - 1
        if act.kind == FILL and 0 <= where < len(added):
            added[where] += act.amount * container.litres
    total = np.concatenate([[0.0], np.cumsum(added)])
    rounds = [*_rounds(grid[0], grid[-1], container, zone)]
    rounds += [d.start for d in acts if d.kind == EMPTY and grid[0] < d.start <= grid[-1]]
    emptied = np.array(sorted([float(grid[0]), *rounds]))
    thrown_then = np.interp(emptied, grid, total)
    held = np.minimum(np.diff(thrown_then), container.litres)
    collected_then = np.concatenate([[0.0], np.cumsum(held)])
    lost_then = thrown_then - collected_then
    last = np.searchsorted(emptied, seconds, side="right") - 1
    thrown = np.interp(seconds, grid, total)
    since = thrown - thrown_then[last]
    inside = np.minimum(since, container.litres)
    return BinState(thrown, inside, collected_then[last], lost_then[last] + since - inside)


def _grid(start: float, end: float, container: Bin) -> Floats:
    # Ten days back always holds a collection, so the level does not depend on where one begins.
    back = 10 * DAY if container.rounds else 0.0
    first = np.floor((start - back) / STEP) * STEP
    return np.arange(first, end + 2 * STEP, STEP)


def _rounds(start: float, end: float, container: Bin, zone: ZoneInfo) -> Sequence[float]:
    days = np.arange(np.floor(start / DAY) - 1, np.floor(end / DAY) + 2)
    noons = days * DAY + container.round_hour * HOUR
    instants = noons - utc_offset(noons, zone)
    chosen = np.isin((days.astype(np.int64) + 3) % 7, np.array(sorted(container.rounds)))
    inside = chosen & (instants > start) & (instants <= end)
    return [float(instant) for instant in instants[inside]]


@dataclass(frozen=True)
class Cabinet:
    """A street-lighting cabinet."""

    key: str
    lamps: int
    watts: float = 60.0


def lighting_power(
    seconds: Seconds,
    cabinet: Cabinet,
    zone: ZoneInfo,
    seed: int,
    latitude: float,
    longitude: float,
) -> Floats:
    """Watts: on when the sun is 3° under the horizon, half power from 23 h to 5 h."""
    seconds = np.asarray(seconds, dtype=np.float64)
    dark = sun_height(seconds, latitude, longitude) < -3.0
    hour = local_time(seconds, zone).hour
    level = np.where((hour >= 23.0) | (hour < 5.0), 0.5, 1.0)
    standby = 0.04 * cabinet.lamps * cabinet.watts
    drift = 1.0 + 0.01 * smooth(seed, f"lamp/{cabinet.key}", seconds, HOUR)
    return np.asarray(
        np.where(dark, level * cabinet.lamps * cabinet.watts, standby) * drift, dtype=np.float64
    )
