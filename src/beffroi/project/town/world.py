"""The town's physics put together: what every instrument shows at any instants."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

import numpy as np

from beffroi.project.town.instruments import (
    BINS,
    BUILDINGS,
    CABINETS,
    PLACES,
    SECTORS,
    TOWER,
    TRIAL,
    Device,
)
from beffroi.project.town.physics.buildings import indoor_temperature
from beffroi.project.town.physics.chance import Floats, Seconds
from beffroi.project.town.physics.disturbances import Disturbance
from beffroi.project.town.physics.places import bin_state, lighting_power, people_present
from beffroi.project.town.physics.rhythm import DAY
from beffroi.project.town.physics.water import demand, sector_state, supply
from beffroi.project.town.physics.weather import weather
from beffroi.project.town.streets import GROUND

ZONE = ZoneInfo("Europe/Paris")
TOWER_STEP = 300.0
TRIAL_SECTOR, TRIAL_PEOPLE, TRIAL_LOSSES = "quais", 45, 0.04
DIGITS = {
    "flow": 2, "pressure": 2, "stored": 0, "production": 1, "level": 0, "power": 0, "temperature": 1,
    "people": 0, "humidity": 0, "rain": 1, "wind": 1, "height": 2,
}  # fmt: skip

Shown = dict[tuple[str, str], Floats]
"""(device key, series key) → one value per instant, rounded as the instrument rounds."""


def shown(
    devices: Iterable[Device],
    seconds: Seconds,
    seed: int,
    disturbances: Iterable[Disturbance] = (),
) -> Shown:
    """What each device shows at increasing instants (Unix seconds, UTC)."""
    seconds = np.asarray(seconds, dtype=np.float64)
    happenings = list(disturbances)
    chosen = {(device.driver, device.place): device for device in devices if device.driver}
    values: Shown = {}

    def show(driver: str, place: str, **series: Floats) -> None:
        if device := chosen.get((driver, place)):
            for key, array in series.items():
                values[device.key, key] = np.round(array, DIGITS[key]) + 0.0  # no -0

    for sector in SECTORS:
        state = sector_state(seconds, sector, ZONE, seed, happenings)
        show("sector", sector.key, flow=state.flow, pressure=state.pressure)
        for street, flow in state.main_flow.items():
            show("main", street, flow=flow, pressure=state.main_pressure[street])
        if sector.key == TRIAL_SECTOR:
            drawn = demand(seconds, TRIAL_PEOPLE, TRIAL, ZONE, seed)
            show("trial", TRIAL, flow=drawn + TRIAL_LOSSES, pressure=state.pressure)
    if ("tower", "") in chosen:
        stored, production = _tower(seconds, seed, happenings)
        show("tower", "", stored=stored, production=production)
    for container in BINS:
        if ("bin", container.key) in chosen:
            inside = bin_state(seconds, container, ZONE, seed, happenings).inside
            show("bin", container.key, level=100.0 * inside / container.litres)
    for cabinet in CABINETS:
        power = lighting_power(seconds, cabinet, ZONE, seed, GROUND.latitude, GROUND.longitude)
        show("lighting", cabinet.key, power=power)
    for key, indoor in indoor_temperature(seconds, BUILDINGS, ZONE, seed, happenings).items():
        show("indoor", key, temperature=indoor)
    for place in PLACES:
        people = people_present(seconds, place, ZONE, seed, happenings)
        show("crowd", place.key, people=people)
    sky = weather(seconds, seed, happenings)
    show(
        "weather",
        "",
        temperature=sky.temperature,
        humidity=sky.humidity,
        rain=sky.rain,
        wind=sky.wind,
    )
    show("river", "", height=sky.river)
    return values


def _tower(seconds: Seconds, seed: int, disturbances: list[Disturbance]) -> tuple[Floats, Floats]:
    """Stored volume (m³) and production (m³/h), integrated from three days earlier."""
    first = np.floor((float(seconds[0]) - 3 * DAY) / TOWER_STEP) * TOWER_STEP
    grid = np.arange(first, float(seconds[-1]) + 2 * TOWER_STEP, TOWER_STEP)
    taken = [sector_state(grid[:-1], s, ZONE, seed, disturbances).flow for s in SECTORS]
    run = supply(grid[:-1], taken, TOWER, ZONE, 0.7 * TOWER.capacity)
    step = np.clip(np.searchsorted(grid, seconds, side="right") - 1, 0, len(run.produced) - 1)
    return np.interp(seconds, grid, run.stored), run.produced[step]
