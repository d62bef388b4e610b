"""What other rooms may bring to the screens."""

from __future__ import annotations

from .zones import Row, Zone, ZoneSource
from .zones import register_zone as _register_zone

__all__ = ["Row", "Zone", "ZoneSource", "register_zone"]


def register_zone(order: int, source: ZoneSource) -> None:
    """Adds a zone beside the notices; called once, in the `ready()` of the room's AppConfig.

    `source(authority, site or None, language)` answers a Zone (four rows at most are shown) or
    None when it has nothing to say. Two zones fit: the lowest orders come first.
    """
    _register_zone(order, source)
