"""Drinking water: demand, losses, leaks, pressures and the tower, with volumes conserved.

A sector's inlet gives what its taps draw, what its old pipes lose at all hours, and what its
leaks let out. Some streets of a sector have a meter of their own: their flow is a part of the
sector's. The plant gives what the sectors take, plus what the tower stores.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from beffroi.project.town.physics.chance import Floats, Seconds, smooth
from beffroi.project.town.physics.disturbances import LEAK, Disturbance, active
from beffroi.project.town.physics.rhythm import HOUR, SUNDAY, daily, local_time

LITRES_PER_PERSON = 148.0
METRES_PER_BAR = 10.197
HAZEN_WILLIAMS = 1.852
LEAK_OPENS_IN = 5.0  # seconds
WEEKDAY = (
    0.30, 0.22, 0.19, 0.18, 0.22, 0.45, 1.15, 1.95, 1.75, 1.25, 1.10, 1.15,
    1.35, 1.15, 0.90, 0.85, 0.95, 1.15, 1.55, 1.85, 1.60, 1.20, 0.85, 0.50,
)  # fmt: skip
"""Demand of each hour against the mean of the day."""
WEEKEND = (
    0.42, 0.30, 0.22, 0.19, 0.20, 0.28, 0.55, 1.05, 1.65, 2.00, 1.85, 1.60,
    1.60, 1.30, 1.05, 0.95, 1.00, 1.15, 1.40, 1.60, 1.45, 1.15, 0.85, 0.60,
)  # fmt: skip


@dataclass(frozen=True)
class Main:
    """A metered street main inside a sector."""

    street: str
    people: int
    losses: float
    """m³/h lost at all hours by tired joints."""
    resistance: float
    """Metres of head lost per (m³/h)^1.852 along this main."""


@dataclass(frozen=True)
class Sector:
    """A metered sector of the network (secteur de distribution, DMA)."""

    key: str
    people: int
    """Everyone it serves, those of its metered mains included."""
    losses: float
    """m³/h, those of its metered mains included."""
    head: float
    """Metres of water column at the inlet when nothing flows."""
    resistance: float
    mains: tuple[Main, ...] = ()


@dataclass(frozen=True)
class SectorState:
    """What the sector's instruments would show, one value per instant."""

    flow: Floats  # m³/h entering the sector
    pressure: Floats  # bar at its critical point
    consumption: Floats  # m³/h really drawn from taps
    lost: Floats  # m³/h, background losses and leaks
    main_flow: dict[str, Floats]
    main_pressure: dict[str, Floats]


def demand(seconds: Seconds, people: int, name: str, zone: ZoneInfo, seed: int) -> Floats:
    """What `people` draw, m³/h: season, week, day, and a noise that shrinks with their number."""
    local = local_time(seconds, zone)
    rhythm = np.where(local.weekend, daily(WEEKEND, local.hour), daily(WEEKDAY, local.hour))
    week = np.where(local.weekday == SUNDAY, 1.04, 1.0)
    summer = 1.0 + 0.09 * np.cos(2.0 * np.pi * (local.year_fraction - 0.55))
    spread = min(0.28, 2.4 / np.sqrt(max(people, 1)))
    noise = 1.0 + spread * (
        0.8 * smooth(seed, f"water/{name}/minutes", seconds, 420.0)
        + 0.6 * smooth(seed, f"water/{name}/hours", seconds, 5400.0)
    )
    mean = people * LITRES_PER_PERSON / 1000.0 / 24.0
    return np.asarray(mean * rhythm * week * summer * np.clip(noise, 0.15, 2.5))


def sector_state(
    seconds: Seconds,
    sector: Sector,
    zone: ZoneInfo,
    seed: int,
    disturbances: Iterable[Disturbance] = (),
) -> SectorState:
    """One sector at each instant.

    A leak is a disturbance whose place is a metered street's key or the sector's own key.
    """
    seconds = np.asarray(seconds, dtype=np.float64)
    disturbances = list(disturbances)
    others = sector.people - sum(main.people for main in sector.mains)
    other_losses = sector.losses - sum(main.losses for main in sector.mains)
    if others < 0 or other_losses < 0:
        raise ValueError(f"the mains of sector {sector.key} serve or lose more than the sector")
    consumption = demand(seconds, others, sector.key, zone, seed)
    lost = other_losses + active(disturbances, LEAK, sector.key, seconds, LEAK_OPENS_IN)
    main_flow: dict[str, Floats] = {}
    for main in sector.mains:
        drawn = demand(seconds, main.people, f"{sector.key}/{main.street}", zone, seed)
        leaking = main.losses + active(disturbances, LEAK, main.street, seconds, LEAK_OPENS_IN)
        main_flow[main.street] = drawn + leaking
        consumption = consumption + drawn
        lost = lost + leaking
    flow = consumption + lost
    head = sector.head - sector.resistance * flow**HAZEN_WILLIAMS
    main_pressure = {
        main.street: _bars(head - main.resistance * main_flow[main.street] ** HAZEN_WILLIAMS)
        for main in sector.mains
    }
    return SectorState(flow, _bars(head), consumption, lost, main_flow, main_pressure)


def _bars(head: Floats) -> Floats:
    return np.asarray(np.maximum(head, 0.0) / METRES_PER_BAR)


@dataclass(frozen=True)
class Tower:
    """The water tower and the pumps that fill it."""

    capacity: float  # m³
    pump: float  # m³/h when it runs
    low: float  # share of the capacity under which the pump starts by day
    high: float  # share at which it stops


@dataclass(frozen=True)
class Supply:
    """The plant and the tower; `stored` has one value more than the steps: both ends."""

    produced: Floats  # m³/h during each step
    stored: Floats  # m³ at the beginning of each step, and at the end of the last one
    short: Floats  # m³/h that the empty tower could not give


def supply(
    seconds: Seconds, taken: Sequence[Floats], tower: Tower, zone: ZoneInfo, stored: float
) -> Supply:
    """Run the pumps over equal steps; `taken` holds one flow array (m³/h) per sector.

    The pumps fill the tower at night, when power is cheaper, and by day when it is low.
    Volumes are exact: produced + short - taken = change of what is stored, step by step.
    """
    seconds = np.asarray(seconds, dtype=np.float64)
    hours = float(seconds[1] - seconds[0]) / HOUR if len(seconds) > 1 else 0.0
    wanted = np.sum(np.asarray(taken, dtype=np.float64), axis=0)
    hour = local_time(seconds, zone).hour
    cheap = (hour >= 22.0) | (hour < 6.0)
    produced, short = np.zeros(len(seconds)), np.zeros(len(seconds))
    levels = np.empty(len(seconds) + 1)
    levels[0] = stored
    running = False
    for step in range(len(seconds)):
        level = float(levels[step])
        if level >= tower.high * tower.capacity:
            running = False
        elif level <= tower.low * tower.capacity or cheap[step]:
            running = True
        gain = (tower.pump if running else 0.0) * hours
        room = tower.capacity - level + wanted[step] * hours
        gain = min(gain, room)
        after = level + gain - wanted[step] * hours
        missing = max(0.0, -after)
        levels[step + 1] = after + missing
        if hours > 0:
            produced[step], short[step] = gain / hours, missing / hours
    return Supply(produced, levels, short)
