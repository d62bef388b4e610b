"""Reading maps: GeoJSON and OpenStreetMap extracts, into names and lines; nothing is stored here."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.text import slugify
from django.utils.translation import gettext as _

from beffroi.base.imports.public import Report, UnreadableSource

from .lines import Line, inside
from .street_names import searchable

EVERY = 2000
"""Records between two signs of life."""


class Refusal(Exception):
    """Why one record is not stored, in the user's language."""


@dataclass
class Gathered:
    """What a map gives before it is stored: pieces of each street, addresses and sites."""

    names: dict[str, str] = field(default_factory=dict)
    pieces: dict[str, list[Line]] = field(default_factory=lambda: defaultdict(list))
    doors: list[tuple[str, int, str, float, float]] = field(default_factory=list)
    sites: dict[str, tuple[float, float]] = field(default_factory=dict)
    outside: int = 0

    def add_piece(self, name: str, line: Line) -> None:
        slug = slugify(name)[:160]
        self.names.setdefault(slug, name)
        self.pieces[slug].append(line)


def gather_geojson(source: Path, gathered: Gathered, report: Report) -> None:
    try:
        document = json.loads(source.read_text("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise UnreadableSource(_("GeoJSON illisible : %(error)s") % {"error": error}) from error
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise UnreadableSource(_("Ce fichier n’est pas une FeatureCollection GeoJSON."))
    for number, feature in enumerate(features, start=1):
        try:
            _gather_feature(feature, gathered)
        except Refusal as refusal:
            report.refuse(number, str(refusal))
        if number % EVERY == 0:
            report.progress(number, len(features))
            report.check()


def _gather_feature(feature: object, gathered: Gathered) -> None:
    if not isinstance(feature, dict) or not isinstance(feature.get("geometry"), dict):
        raise Refusal(_("élément sans géométrie"))
    properties = feature.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    kind, coordinates = feature["geometry"].get("type"), feature["geometry"].get("coordinates")
    street, number = (
        _text(properties, "addr:street", "nom_voie"),
        _text(properties, "addr:housenumber", "numero"),
    )
    if kind == "Point" and street and number:
        digits = number[: len(number) - len(number.lstrip("0123456789"))]
        if not digits:
            raise Refusal(_("numéro illisible : « %(value)s »") % {"value": number[:20]})
        suffix = (number[len(digits) :].strip() or _text(properties, "rep"))[:10]
        gathered.doors.append((street, int(digits[:6]), suffix, *_position(coordinates)))
        return
    name = _text(properties, "name", "nom")
    if not searchable(name):
        raise Refusal(_("élément sans nom (propriété name ou nom)"))
    if kind == "Point":
        gathered.sites[name[:120]] = _position(coordinates)
    elif kind == "LineString":
        gathered.add_piece(name, _line(coordinates))
    elif kind == "MultiLineString" and isinstance(coordinates, list) and coordinates:
        for piece in [_line(part) for part in coordinates]:
            gathered.add_piece(name, piece)
    else:
        raise Refusal(_("géométrie non prévue : %(kind)s") % {"kind": str(kind)[:40]})


def _text(properties: dict[str, object], *names: str) -> str:
    return next((" ".join(str(properties[n]).split()) for n in names if properties.get(n)), "")[
        :150
    ]


def _position(value: object) -> tuple[float, float]:
    if isinstance(value, list) and len(value) >= 2:
        longitude, latitude = value[:2]
        if (
            isinstance(longitude, int | float)
            and isinstance(latitude, int | float)
            and -180.0 <= longitude <= 180.0
            and -90.0 <= latitude <= 90.0
        ):
            return float(longitude), float(latitude)
    raise Refusal(_("coordonnées illisibles ou hors du globe (longitude, latitude attendues)"))


def _line(value: object) -> Line:
    if not isinstance(value, list) or len(value) < 2:
        raise Refusal(_("ligne de moins de deux points"))
    return [list(_position(point)) for point in value]


def gather_osm(source: Path, insee: str, gathered: Gathered, report: Report) -> None:
    """Named ways of an extract; those of the commune only when its boundary is in the file.

    Raises UnreadableSource when the file is no OpenStreetMap extract.
    """
    try:
        rings = _boundary(source, insee) if insee else []
        _gather_ways(source, rings, gathered, report)
    except (RuntimeError, OSError) as error:
        raise UnreadableSource(
            _("Extrait OpenStreetMap illisible : %(error)s") % {"error": error}
        ) from error


def _boundary(source: Path, insee: str) -> list[Line]:
    """The rings of the administrative boundary of that INSEE code; none when it is not there."""
    import osmium  # loaded only when needed: a native library of some weight

    rings: list[Line] = []
    areas = osmium.FileProcessor(str(source)).with_areas(osmium.filter.KeyFilter("ref:INSEE"))
    for area in areas.with_filter(osmium.filter.TagFilter(("ref:INSEE", insee))):
        if isinstance(area, osmium.osm.Area):
            for outer in area.outer_rings():
                rings.append([[node.lon, node.lat] for node in outer])
                rings += [[[n.lon, n.lat] for n in inner] for inner in area.inner_rings(outer)]
    return rings


def _gather_ways(source: Path, rings: list[Line], gathered: Gathered, report: Report) -> None:
    import osmium

    ways = osmium.FileProcessor(str(source)).with_locations()
    for number, way in enumerate(ways.with_filter(osmium.filter.KeyFilter("highway")), start=1):
        if number % EVERY == 0:
            report.progress(number, 0)
            report.check()
        if not isinstance(way, osmium.osm.Way):
            continue
        name = " ".join((way.tags.get("name") or "").split())[:150]
        if not searchable(name):
            continue
        points = [[node.lon, node.lat] for node in way.nodes if node.location.valid()]
        if len(points) < 2:
            report.refuse(
                number,
                _("voie %(id)d « %(name)s » : moins de deux points situés")
                % {"id": way.id, "name": name},
            )
            continue
        middle = points[len(points) // 2]
        if rings and not inside((middle[0], middle[1]), rings):
            gathered.outside += 1
        else:
            gathered.add_piece(name, points)
