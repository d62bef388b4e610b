"""Public buildings: one thermal mass each, losses to the weather, people, and a thermostat."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from beffroi.project.town.physics.chance import Floats, Seconds, smooth
from beffroi.project.town.physics.disturbances import HEAT, Disturbance, active
from beffroi.project.town.physics.rhythm import HOUR, local_time
from beffroi.project.town.physics.weather import weather

WARM_UP = 4 * 86_400.0
STEP = 900.0
NIGHT_SET_POINT = 15.5


@dataclass(frozen=True)
class Building:
    """A heated building."""

    key: str
    loss: float  # kW per kelvin
    mass: float  # kWh per kelvin
    boiler: float  # kW at most
    set_point: float  # °C while it is open
    opens: float  # local hour
    closes: float
    days: frozenset[int]
    gains: float  # kW from people and lamps while it is open


@dataclass(frozen=True)
class Heat:
    """Temperatures (°C), powers (kW) per step and building: arrays (buildings, steps)."""

    indoor: Floats  # (buildings, steps + 1): both ends
    boiler: Floats
    gains: Floats
    lost: Floats


def heat(
    seconds: Seconds,
    buildings: Sequence[Building],
    outdoor: Floats,
    zone: ZoneInfo,
    start: Floats,
) -> Heat:
    """Integrate all buildings over equal steps from the temperatures `start`.

    Energy is exact: (boiler + gains - lost) × hours = mass × change of temperature.
    """
    seconds = np.asarray(seconds, dtype=np.float64)
    hours = float(seconds[1] - seconds[0]) / HOUR if len(seconds) > 1 else 0.0
    local = local_time(seconds, zone)
    column = {
        name: np.array([getattr(building, name) for building in buildings])
        for name in ("loss", "mass", "boiler", "set_point", "opens", "closes", "gains")
    }
    days = np.array([[day in b.days for day in range(7)] for b in buildings])
    open_ = (
        days[:, local.weekday]
        & (local.hour >= column["opens"][:, None])
        & (local.hour < column["closes"][:, None])
    )
    # The boiler starts two hours before the doors open.
    warm = (
        days[:, local.weekday]
        & (local.hour >= column["opens"][:, None] - 2.0)
        & (local.hour < column["closes"][:, None])
    )
    aim = np.where(warm, column["set_point"][:, None], NIGHT_SET_POINT)
    gains = np.where(open_, column["gains"][:, None], 0.0)
    shape = (len(buildings), len(seconds))
    indoor, boiler, lost = np.empty((shape[0], shape[1] + 1)), np.empty(shape), np.empty(shape)
    indoor[:, 0] = start
    for step in range(shape[1]):
        now = indoor[:, step]
        lost[:, step] = column["loss"] * (now - outdoor[step])
        boiler[:, step] = np.clip(column["boiler"] * (aim[:, step] - now), 0.0, column["boiler"])
        balance = boiler[:, step] + gains[:, step] - lost[:, step]
        indoor[:, step + 1] = now + balance * hours / column["mass"]
    return Heat(indoor, boiler, gains, lost)


def indoor_temperature(
    seconds: Seconds,
    buildings: Sequence[Building],
    zone: ZoneInfo,
    seed: int,
    disturbances: Iterable[Disturbance] = (),
) -> dict[str, Floats]:
    """°C in each building at each (increasing) instant.

    The walls are integrated from a few days earlier, so that the answer does not depend on where
    one begins. A `heat` disturbance warms the air of the room, which is light: minutes, not days.
    """
    seconds = np.asarray(seconds, dtype=np.float64)
    disturbances = list(disturbances)
    first = np.floor((float(seconds[0]) - WARM_UP) / STEP) * STEP
    grid = np.arange(first, float(seconds[-1]) + 2 * STEP, STEP)
    outdoor = weather(grid, seed, disturbances).temperature
    start = np.array([building.set_point for building in buildings])
    walls = heat(grid[:-1], buildings, outdoor, zone, start).indoor
    return {
        building.key: np.interp(seconds, grid, walls[row])
        + active(disturbances, HEAT, building.key, seconds, ramp=180.0)
        + 0.06 * smooth(seed, f"indoor/{building.key}", seconds, 900.0)
        for row, building in enumerate(buildings)
    }
