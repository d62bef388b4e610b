"""Maps as data, and where each thing falls on the picture. Local geometry only: no tile, no third party.

`Map` is what rooms build, in longitude and latitude (WGS 84 degrees); `place()` computes the
drawing in SVG units. Every mark has a twin in words in the list beside.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

Point = tuple[float, float]
Path = Sequence[Point]

GLYPH_SPACE = 26.0


@dataclass(frozen=True)
class Mark:
    lon: float
    lat: float
    label: str
    detail: str = ""
    url: str = ""
    severity: int = 0
    key: str = ""


@dataclass(frozen=True)
class Line:
    path: Path
    label: str
    detail: str = ""
    url: str = ""
    severity: int = 0
    key: str = ""


@dataclass(frozen=True)
class Area:
    path: Path
    label: str
    severity: int = 0


@dataclass(frozen=True)
class Layer:
    """Things of one kind, named in plain words, with the icon that marks them."""

    label: str
    icon: str = "pin"
    marks: Sequence[Mark] = ()
    lines: Sequence[Line] = ()
    areas: Sequence[Area] = ()


@dataclass(frozen=True)
class Street:
    path: Path
    name: str = ""


@dataclass(frozen=True)
class Map:
    title: str
    layers: Sequence[Layer]
    streets: Sequence[Street | Path] = ()
    width: int = 800
    height: int = 560


@dataclass(frozen=True)
class PlacedMark:
    x: float
    y: float
    number: int
    mark: Mark
    icon: str


@dataclass(frozen=True)
class PlacedLine:
    path: str
    number: int
    line: Line


@dataclass(frozen=True)
class PlacedName:
    x: float
    y: float
    turn: float
    text: str


@dataclass(frozen=True)
class PlacedLayer:
    label: str
    icon: str
    marks: list[PlacedMark] = field(default_factory=list)
    lines: list[PlacedLine] = field(default_factory=list)
    areas: list[PlacedLine] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """A map laid out: all numbers are SVG units of a picture `width` × `height`."""

    width: int
    height: int
    streets: list[str]
    names: list[PlacedName]
    layers: list[PlacedLayer]


def _points(drawing: Map) -> Iterable[Point]:
    for layer in drawing.layers:
        for mark in layer.marks:
            yield mark.lon, mark.lat
        for line in layer.lines:
            yield from line.path
        for area in layer.areas:
            yield from area.path
    for street in drawing.streets:
        yield from street.path if isinstance(street, Street) else street


class _Projection:
    """Equirectangular around the middle of the picture: true enough over one town (< 30 km)."""

    def __init__(self, points: list[Point], width: int, height: int, margin: float = 30.0) -> None:
        west, east = min(p[0] for p in points), max(p[0] for p in points)
        south, north = min(p[1] for p in points), max(p[1] for p in points)
        self.lon, self.lat = (west + east) / 2, (south + north) / 2
        self.shrink = math.cos(math.radians(self.lat))
        wide = max((east - west) * self.shrink, 1e-4)
        tall = max(north - south, 1e-4)
        self.scale = min((width - 2 * margin) / wide, (height - 2 * margin) / tall)
        self.x0, self.y0 = width / 2, height / 2

    def __call__(self, lon: float, lat: float) -> Point:
        x = self.x0 + (lon - self.lon) * self.shrink * self.scale
        y = self.y0 - (lat - self.lat) * self.scale
        return round(x, 1), round(y, 1)


def place(drawing: Map) -> Plan | None:
    """Lay the map out, all things in view; None when there is nothing to show."""
    points = list(_points(drawing))
    if not points:
        return None
    project = _Projection(points, drawing.width, drawing.height)
    streets: list[str] = []
    names: list[PlacedName] = []
    for street in drawing.streets:
        path = street.path if isinstance(street, Street) else street
        if len(path) < 2:
            continue
        streets.append(_path(path, project))
        if isinstance(street, Street) and street.name and (name := _name(street, project, names)):
            names.append(name)
    layers: list[PlacedLayer] = []
    number = 0
    for layer in drawing.layers:
        placed = PlacedLayer(layer.label, layer.icon)
        for area in layer.areas:
            placed.areas.append(
                PlacedLine(
                    _path(area.path, project) + "Z",
                    0,
                    Line(area.path, area.label, severity=area.severity),
                )
            )
        for line in layer.lines:
            number += 1
            placed.lines.append(PlacedLine(_path(line.path, project), number, line))
        for mark in layer.marks:
            number += 1
            placed.marks.append(PlacedMark(*project(mark.lon, mark.lat), number, mark, layer.icon))
        layers.append(placed)
    return Plan(drawing.width, drawing.height, streets, names, layers)


def _path(path: Path, project: _Projection) -> str:
    return "M" + "L".join("{} {}".format(*project(lon, lat)) for lon, lat in path)


def _name(street: Street, project: _Projection, taken: list[PlacedName]) -> PlacedName | None:
    """Where the street's name is written: on its longest straight part, if it fits there."""
    points = [project(lon, lat) for lon, lat in street.path]
    parts = [(math.dist(a, b), a, b) for a, b in itertools.pairwise(points)]
    length, a, b = max(parts)
    if length < 5.6 * len(street.name):
        return None
    if a[0] > b[0]:
        a, b = b, a
    x, y = (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
    if any(abs(x - other.x) < 60 and abs(y - other.y) < 14 for other in taken):
        return None
    turn = math.degrees(math.atan2(b[1] - a[1], b[0] - a[0]))
    return PlacedName(round(x, 1), round(y + 3.5, 1), round(turn, 1), street.name)
