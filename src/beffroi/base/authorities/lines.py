"""Lines of streets made from what files give: scattered doors, or many small pieces of way.

Pure numpy on longitude and latitude; no model, no file.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, radians

import numpy as np
from numpy.typing import NDArray

METRES_PER_DEGREE = 111_195.0
Line = list[list[float]]
"""[longitude, latitude] positions, WGS 84."""


def through_doors(positions: Sequence[tuple[float, float]], pieces: int = 12) -> Line | None:
    """A line that follows the doors of a street, or None under two distinct positions.

    Doors are ordered along their main direction (first principal axis) and averaged in groups,
    so that the two sides of the street give its middle.
    """
    points = np.unique(np.asarray(positions, dtype=np.float64), axis=0)
    if len(points) < 2:
        return None
    plane = _plane(points, points.mean(axis=0))
    _, _, axes = np.linalg.svd(plane - plane.mean(axis=0), full_matrices=False)
    walked = plane @ axes[0]
    order = np.argsort(walked)
    groups = np.array_split(order, min(pieces, max(2, len(points) // 2)))
    line = [points[group].mean(axis=0) for group in groups]
    # The ends go on to the last doors: averages alone would cut the street short.
    line = [points[order[0]], *line[1:-1], points[order[-1]]] if len(line) > 2 else [
        points[order[0]], points[order[-1]]
    ]  # fmt: skip
    return [[round(float(x), 7), round(float(y), 7)] for x, y in line]


def joined(pieces: Sequence[Line], reach: float = 40.0) -> tuple[Line, int]:
    """The longest line that the pieces of one street make end to end, and how many were left out.

    Two pieces join when their nearest ends are within `reach` metres (a roundabout, a square).
    """
    chains = [np.asarray(piece, dtype=np.float64) for piece in pieces if len(piece) >= 2]
    if not chains:
        return [], len(pieces)
    centre = np.vstack(chains).mean(axis=0)
    sizes = [1] * len(chains)
    while (pair := _nearest_ends(chains, centre, reach)) is not None:
        first, second, flip_first, flip_second = pair
        head = chains[first][::-1] if flip_first else chains[first]
        tail = chains[second][::-1] if flip_second else chains[second]
        skip = 1 if np.allclose(head[-1], tail[0]) else 0
        chains[first] = np.vstack([head, tail[skip:]])
        sizes[first] += sizes[second]
        del chains[second], sizes[second]
    lengths = [_length(_plane(chain, centre)) for chain in chains]
    best = int(np.argmax(lengths))
    left_out = len(pieces) - sizes[best]
    return [[round(float(x), 7), round(float(y), 7)] for x, y in chains[best]], left_out


def inside(position: tuple[float, float], rings: Sequence[Line]) -> bool:
    """Whether a position is inside a boundary of outer and inner rings (even-odd rule)."""
    x, y = position
    crossings = 0
    for ring in rings:
        points = np.asarray(ring, dtype=np.float64)
        x1, y1, x2, y2 = points[:-1, 0], points[:-1, 1], points[1:, 0], points[1:, 1]
        spans = (y1 > y) != (y2 > y)
        at = x1[spans] + (y - y1[spans]) * (x2[spans] - x1[spans]) / (y2[spans] - y1[spans])
        crossings += int(np.count_nonzero(at > x))
    return crossings % 2 == 1


def _plane(points: NDArray[np.float64], centre: NDArray[np.float64]) -> NDArray[np.float64]:
    scale = np.array([METRES_PER_DEGREE * cos(radians(float(centre[1]))), METRES_PER_DEGREE])
    return np.asarray((points - centre) * scale)


def _length(plane: NDArray[np.float64]) -> float:
    return float(np.hypot(*np.diff(plane, axis=0).T).sum())


def _nearest_ends(
    chains: list[NDArray[np.float64]], centre: NDArray[np.float64], reach: float
) -> tuple[int, int, bool, bool] | None:
    """The closest pair of ends of two chains: (first, second, flip first, flip second)."""
    if len(chains) < 2:
        return None
    ends = _plane(np.array([end for chain in chains for end in (chain[0], chain[-1])]), centre)
    gaps = np.hypot(*(ends[:, None] - ends[None, :]).transpose(2, 0, 1))
    owner = np.repeat(np.arange(len(chains)), 2)
    gaps[owner[:, None] >= owner[None, :]] = np.inf
    a, b = np.unravel_index(int(np.argmin(gaps)), gaps.shape)
    if gaps[a, b] > reach:
        return None
    return int(owner[a]), int(owner[b]), bool(a % 2 == 0), bool(b % 2 == 1)
