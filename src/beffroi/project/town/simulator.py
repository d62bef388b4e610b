"""The service that makes the town live: computes what instruments show and sends it, as devices do.

`python -m beffroi.project.town.simulator`; no Django. Every message is a real MQTT publish of
QoS 1 with the device's own token.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import signal
import sys
import time
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from beffroi.project.configuration import Installation, value
from beffroi.project.town.control import Control
from beffroi.project.town.instruments import Device, devices
from beffroi.project.town.publisher import Publisher, Refused
from beffroi.project.town.world import Shown, shown

log = logging.getLogger("beffroi.town")
STEP = 5.0
AHEAD = 300.0
"""Seconds of the near future computed at once; computed again when something happens."""


@dataclass(frozen=True)
class Scene:
    """A stretch of the town's life, ready to be read."""

    start: float
    end: float
    changed_at: int
    values: Shown

    def message(self, device: Device, at: float) -> bytes:
        """What the device says at that instant."""
        position = min(max(int((at - self.start) // STEP), 0), self._last)
        content: dict[str, float] = {"time": round(at * 1000)}
        for series in device.series:
            content[series.key] = float(self.values[device.key, series.key][position])
        return json.dumps(content).encode()

    @property
    def _last(self) -> int:
        return len(next(iter(self.values.values()))) - 1


class Simulator:
    """The town's devices, each with its connection."""

    def __init__(self, data: Path, host: str, port: int) -> None:
        town = json.loads((data / "town.json").read_text("utf-8"))
        self._seed = int(town["seed"])
        self._control = Control(data)
        tokens = town["devices"]
        self._devices = [
            device
            for device in devices(town["size"], self._seed)
            if device.every and device.key in tokens
        ]
        self._publishers = {
            device.key: Publisher(host, port, device.key, tokens[device.key])
            for device in self._devices
        }

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            for key, publisher in self._publishers.items():
                group.create_task(_keep(key, publisher))
            await self._speak()

    async def _speak(self) -> None:
        now = time.time()
        scene = self._scene(now)
        due = {device.key: _next(device, now) for device in self._devices}
        while True:
            now = time.time()
            if (
                now >= scene.end - STEP
                or now < scene.start
                or self._control.changed_at() != scene.changed_at
            ):
                scene = self._scene(now)
            for device in self._devices:
                # A clock that jumps: no burst of messages for the time that was skipped.
                if due[device.key] <= now or due[device.key] > now + 2 * device.every:
                    self._publishers[device.key].send(scene.message(device, now))
                    due[device.key] = _next(device, now)
            await asyncio.sleep(max(0.05, min(1.0, min(due.values()) - time.time())))

    def _scene(self, now: float) -> Scene:
        start = math.floor(now / STEP) * STEP
        changed = self._control.changed_at()
        seconds = np.arange(start, start + AHEAD, STEP)
        values = shown(self._devices, seconds, self._seed, self._control.read())
        return Scene(start, start + AHEAD, changed, values)


async def _keep(key: str, publisher: Publisher) -> None:
    try:
        await publisher.run()
    except Refused:
        log.warning("%s is refused by the listener: it stays silent", key)


def _next(device: Device, now: float) -> float:
    """Devices speak at their own moment, so that they do not all speak at once."""
    phase = zlib.crc32(device.key.encode()) % 1000 / 1000.0 * device.every
    return math.floor((now - phase) / device.every + 1.0) * device.every + phase


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    installation = Installation.from_environment()
    host = value("BEFFROI_MQTT_HOST")
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        host = "127.0.0.1"
    simulator = Simulator(installation.data, host, installation.mqtt_port)
    log.info(
        "the town lives: %d devices on port %d", len(simulator._publishers), installation.mqtt_port
    )

    async def until_told() -> None:
        task = asyncio.create_task(simulator.run())
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        await asyncio.gather(task, return_exceptions=False)

    try:
        asyncio.run(until_told())
    except asyncio.CancelledError:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
