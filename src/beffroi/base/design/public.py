"""What rooms may import of the design besides charts, maps, words and contrast."""

from beffroi.base.design.menus import register_menu

__all__ = ["register_menu"]
