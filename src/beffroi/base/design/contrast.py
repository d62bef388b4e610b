"""Contrast between two colours, as WCAG 2 computes it. Pure: no Django."""

from __future__ import annotations

import re

#: The grounds on which an authority's colour is written, per theme (see tokens.css, dark.css).
PAPERS = {False: ("#fbfaf7", "#ffffff", "#f3f1eb"), True: ("#12181f", "#0b1015", "#1a222b")}
ON_PRIMARY = {False: "#ffffff", True: "#0b1015"}
LEAST = 4.5


def channels(colour: str) -> tuple[int, int, int]:
    """Red, green, blue (0–255) of `#rrggbb` or `#rgb`; ValueError for anything else."""
    if not re.fullmatch(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})", colour):
        raise ValueError(f"{colour!r} is not a colour of the form #rrggbb")
    digits = colour[1:]
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def luminance(colour: str) -> float:
    """Relative luminance, 0 (black) to 1 (white): WCAG 2.2, definition "relative luminance"."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio, 1 to 21: WCAG 2.2, definition "contrast ratio"."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """`share` of the first colour in the second, in sRGB, as color-mix() does."""
    parts = (
        round(a * share + b * (1 - share))
        for a, b in zip(channels(one), channels(other), strict=True)
    )
    return "#" + "".join(f"{part:02x}" for part in parts)


def lowest(primary: str, *, dark: bool = False) -> float:
    """The worst contrast of an authority's colour where the product uses it for text or buttons."""
    grounds = [*PAPERS[dark], mix(primary, PAPERS[dark][0], 0.12), ON_PRIMARY[dark]]
    return min(contrast(primary, ground) for ground in grounds)


def readable(primary: str, *, dark: bool = False) -> bool:
    """Whether the colour may be an authority's primary colour: at least 4.5:1 everywhere."""
    return lowest(primary, dark=dark) >= LEAST
