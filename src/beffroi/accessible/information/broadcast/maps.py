"""Where a notice applies, drawn on the authority's own streets."""

from __future__ import annotations

from django.utils.translation import gettext as _

from beffroi.base.authorities.models import Street
from beffroi.base.design import maps

from .models import Notice


def map_of(notice: Notice) -> maps.Map | None:
    """None when the notice names no street with a line."""
    lines = [
        maps.Line(line, street.name, severity=notice.severity)
        for street in notice.streets.all()
        if (line := line_of(street))
    ]
    if not lines:
        return None
    background = Street.objects.filter(authority=notice.authority_id).exclude(geometry=None)
    return maps.Map(
        _("Rues concernées"),
        layers=[maps.Layer(_("Rues concernées"), "road", lines=lines)],
        streets=[
            maps.Street(line, street.name) for street in background if (line := line_of(street))
        ],
    )


def line_of(street: Street) -> list[tuple[float, float]]:
    """The street's line as (longitude, latitude); empty when it has none that can be drawn."""
    geometry = street.geometry or {}
    if geometry.get("type") != "LineString":
        return []
    return [(float(point[0]), float(point[1])) for point in geometry.get("coordinates", [])]
