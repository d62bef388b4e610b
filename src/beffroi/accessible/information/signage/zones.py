"""What stands beside the notices: each room may bring one zone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from beffroi.base.authorities.models import Authority, Site

MOST_ZONES = 2
MOST_ROWS = 4


@dataclass(frozen=True)
class Row:
    """One line: `until` (aware) takes it off the screen, even off line."""

    label: str
    value: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class Zone:
    title: str
    rows: Sequence[Row] = field(default_factory=tuple)


ZoneSource = Callable[[Authority, Site | None, str], Zone | None]
_sources: dict[ZoneSource, int] = {}


def register_zone(order: int, source: ZoneSource) -> None:
    _sources[source] = order


def zones_for(authority: Authority, site: Site | None, language: str) -> list[Zone]:
    """The first zones that have something to say; a screen holds three with the notices."""
    found = []
    for source in sorted(_sources, key=lambda one: _sources[one]):
        zone = source(authority, site, language)
        if zone is not None and zone.rows:
            found.append(Zone(zone.title, list(zone.rows)[:MOST_ROWS]))
    return found[:MOST_ZONES]


def site_hours(authority: Authority, site: Site | None, language: str) -> Zone | None:
    """The opening hours of the screen's site, else of the authority."""
    text = (site.hours if site else "") or authority.hours
    lines = [line.strip() for line in text.replace("\r", "").split("\n") if line.strip()]
    if not lines:
        return None
    name = site.name if site else authority.name
    title = _("%(name)s, horaires") % {"name": name}
    return Zone(title, [_row(line) for line in lines])


def _row(line: str) -> Row:
    """« Lundi : 9 h – 17 h » on two columns, any other wording on one."""
    label, colon, value = line.partition(":")
    if colon and value.strip():
        return Row(label.strip(), value.strip())
    return Row(line)
