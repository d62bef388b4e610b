"""Thinning a series for a chart: no peak may disappear."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def thin(
    times: NDArray[np.int64], values: NDArray[np.float64], limit: int = 2000
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """At most `limit` (≥ 4) readings: the lowest and the highest of each of limit/2 equal stretches of time.

    Returns the arrays unchanged when they are short enough. The first and the last time stay,
    up to the width of a stretch; extremes stay exactly (min-max decimation, as oscilloscopes do).
    """
    if limit < 4:
        raise ValueError("a chart needs at least four readings")
    if len(times) <= limit:
        return times, values
    stretches = limit // 2
    span = int(times[-1] - times[0])
    stretch = np.minimum((times - times[0]) * stretches // max(span, 1), stretches - 1)
    order = np.lexsort((values, stretch))
    sorted_stretch = stretch[order]
    is_first = np.append(True, sorted_stretch[1:] != sorted_stretch[:-1])
    is_last = np.append(sorted_stretch[1:] != sorted_stretch[:-1], True)
    kept = np.unique(np.concatenate([order[is_first], order[is_last]]))
    return times[kept], values[kept]
