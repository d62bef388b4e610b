"""Units as people write them. Inside, units are UCUM codes."""

from __future__ import annotations

import math

_SPOKEN = {
    "m3": "m³", "m3/h": "m³/h", "m3/d": "m³/j", "L/s": "l/s", "L/min": "l/min", "L": "l", "Cel": "°C",
    "K": "K", "%": "%", "kW.h": "kWh", "W/m2": "W/m²", "[ppm]": "ppm", "ug/m3": "µg/m³", "1": "",
    "{count}": "", "dB[SPL]": "dB", "m/s": "m/s", "mm/h": "mm/h", "deg": "°", "bar": "bar",
}  # fmt: skip


def spoken_unit(code: str) -> str:
    """How a UCUM code is written on a page: `m3/h` is « m³/h »; an unknown code is written as it is."""
    return _SPOKEN.get(code, code)


def readable(value: float) -> float:
    """The value with the digits that mean something to a reader: three, or all those of its integer part."""
    if value == 0 or not math.isfinite(value):
        return value
    return round(value, max(2 - math.floor(math.log10(abs(value))), 0))


def said_duration(seconds: int) -> str:
    """« 2 h », « 1 h 30 », « 10 min », « 3 j », « 40 s »."""
    if seconds < 60:
        return f"{seconds} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return f"{minutes} min"
    if minutes:
        return f"{hours} h {minutes:02d}"
    return f"{hours // 24} j" if hours % 24 == 0 else f"{hours} h"
