"""Contrast of two colours, as WCAG 2.2 defines it (relative luminance, success criterion 1.4.3)."""

from __future__ import annotations

import re

MINIMUM_FOR_TEXT = 4.5
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def luminance(colour: str) -> float:
    """Relative luminance, 0 (black) to 1 (white), of a colour written #RRGGBB.

    Raises ValueError for any other notation.
    """
    if not _HEX.fullmatch(colour):
        raise ValueError(f"{colour!r} is not a colour like #0A655C")
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Contrast ratio, 1 to 21."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable_on(colour: str, background: str) -> bool:
    """Whether text of this colour may stand on that background; False for a malformed colour."""
    try:
        return contrast(colour, background) >= MINIMUM_FOR_TEXT
    except ValueError:
        return False
