"""What happens to a town: a pipe breaks, a crowd comes, a heater stays on, a bin is emptied."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from beffroi.project.town.physics.chance import Floats, Seconds

LEAK, CROWD, HEAT, FILL, EMPTY = "leak", "crowd", "heat", "fill", "empty"
KINDS = frozenset({LEAK, CROWD, HEAT, FILL, EMPTY})


@dataclass(frozen=True)
class Disturbance:
    """One thing that happens at one place between two instants (Unix seconds, UTC)."""

    kind: str
    place: str
    start: float
    amount: float
    """m³/h for a leak, people for a crowd, kelvin for heat, share of the volume for a bin."""
    end: float | None = None


def active(
    disturbances: Iterable[Disturbance], kind: str, place: str, seconds: Seconds, ramp: float = 0.0
) -> Floats:
    """Sum of the amounts at work at each instant, growing and fading over `ramp` seconds."""
    total = np.zeros(np.shape(seconds))
    for item in disturbances:
        if item.kind != kind or item.place != place:
            continue
        end = np.inf if item.end is None else item.end
        if ramp > 0:
            grown = np.clip((seconds - item.start) / ramp, 0.0, 1.0)
            faded = np.clip(1.0 - (seconds - end) / ramp, 0.0, 1.0)
            total += item.amount * np.minimum(grown, faded)
        else:
            total += item.amount * ((seconds >= item.start) & (seconds < end))
    return total
