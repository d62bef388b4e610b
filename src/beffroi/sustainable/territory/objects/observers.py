"""Who wants to know of new readings: rooms above register here, so that objects imports none of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .models import Datastream


@dataclass(frozen=True, slots=True)
class Points:
    """Readings of one series in the order they arrived: milliseconds UTC and finite values."""

    times: NDArray[np.int64]
    values: NDArray[np.float64]


Observer = Callable[[Mapping[Datastream, Points]], None]
_OBSERVERS: list[Observer] = []


def register_observer(observer: Observer) -> None:
    """Call `observer` with the new readings of each series, inside the transaction that records them.

    It may be called again with the same readings when that transaction did not commit; it must
    not use the network.
    """
    if observer not in _OBSERVERS:
        _OBSERVERS.append(observer)


def tell_observers(points: Mapping[Datastream, Points]) -> None:
    for observer in _OBSERVERS:
        observer(points)
