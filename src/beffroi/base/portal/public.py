"""What rooms may import of the portal."""

from beffroi.base.portal.registries import (
    Hit,
    NowItem,
    register_answer,
    register_door,
    register_now,
    register_search,
)

__all__ = ["Hit", "NowItem", "register_answer", "register_door", "register_now", "register_search"]
