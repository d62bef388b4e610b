"""Plane geometry of a small town: metres around an origin, and back to longitude and latitude."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Shape (n, 2): metres east, metres north."""
Position = tuple[float, float]
"""(longitude, latitude), WGS 84 degrees, as GeoJSON writes them."""

METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True)
class Ground:
    """A local plane that touches the Earth at `longitude`, `latitude`."""

    longitude: float
    latitude: float

    def positions(self, points: Points) -> list[Position]:
        east = METRES_PER_DEGREE * cos(radians(self.latitude))
        return [
            (
                round(float(self.longitude + x / east), 7),
                round(float(self.latitude + y / METRES_PER_DEGREE), 7),
            )
            for x, y in points
        ]

    def points(self, positions: Sequence[Sequence[float]]) -> Points:
        east = METRES_PER_DEGREE * cos(radians(self.latitude))
        return np.array(
            [
                ((p[0] - self.longitude) * east, (p[1] - self.latitude) * METRES_PER_DEGREE)
                for p in positions
            ]
        )


def length(line: Points) -> float:
    """Metres along the line."""
    return float(np.hypot(*np.diff(line, axis=0).T).sum())


def curve(control: Sequence[tuple[float, float]], spacing: float = 25.0) -> Points:
    """A smooth line through all control points (centripetal Catmull-Rom), a point each ~`spacing`.

    Two points give a straight line; a first point repeated at the end gives a closed ring.
    """
    points = np.asarray(control, dtype=np.float64)
    if len(points) == 2:
        return along(points, spacing)
    if np.array_equal(points[0], points[-1]):
        padded = np.vstack([points[-2], points, points[1]])
    else:
        padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    pieces = []
    for i in range(len(points) - 1):
        steps = max(1, round(float(np.hypot(*(points[i + 1] - points[i]))) / spacing))
        pieces.append(_segment(padded[i : i + 4], np.linspace(0, 1, steps, endpoint=False)))
    return np.vstack([*pieces, points[-1:]])


def _segment(p: Points, share: NDArray[np.float64]) -> Points:
    knots = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(p, axis=0).T) ** 0.5)])
    t = (knots[1] + share * (knots[2] - knots[1]))[:, None]

    def blend(a: Points, b: Points, i: int, j: int) -> Points:
        return ((knots[j] - t) * a + (t - knots[i]) * b) / (knots[j] - knots[i])

    first, second, third = (blend(p[i], p[i + 1], i, i + 1) for i in range(3))
    return blend(blend(first, second, 0, 2), blend(second, third, 1, 3), 1, 2)


def along(line: Points, spacing: float) -> Points:
    """The same line with equally spaced points, both ends kept."""
    count = max(2, round(length(line) / spacing) + 1)
    return at(line, np.linspace(0.0, length(line), count))


def at(line: Points, metres: NDArray[np.float64]) -> Points:
    """The points found `metres` after the beginning of the line."""
    walked = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    return np.column_stack([np.interp(metres, walked, line[:, axis]) for axis in (0, 1)])


def beside(line: Points, metres: NDArray[np.float64], offset: float) -> Points:
    """Points `offset` metres to the left of the line (negative: to the right)."""
    ahead = at(line, np.minimum(metres + 1.0, length(line)))
    behind = at(line, np.maximum(metres - 1.0, 0.0))
    way = ahead - behind
    way /= np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-9)[:, None]
    return np.asarray(at(line, metres) + offset * np.column_stack([-way[:, 1], way[:, 0]]))


def line_string(ground: Ground, line: Points) -> dict[str, object]:
    """GeoJSON LineString."""
    return {"type": "LineString", "coordinates": [list(p) for p in ground.positions(line)]}
