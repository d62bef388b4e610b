"""French public holidays, computed (code du travail, art. L3133-1, L3134-13 and L3422-2)."""

from __future__ import annotations

import datetime as dt

ALSACE_MOSELLE = frozenset({"57", "67", "68"})
#: Commemoration of the abolition of slavery: INSEE prefix → (month, day).
ABOLITION = {
    "971": (5, 27),
    "972": (5, 22),
    "973": (6, 10),
    "974": (12, 20),
    "976": (4, 27),
    "977": (10, 9),
    "978": (5, 27),
}


def easter(year: int) -> dt.date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher's method)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return dt.date(year, month, day + 1)


def public_holidays(year: int, insee: str = "") -> frozenset[dt.date]:
    """Public holidays of a year where the INSEE code of a commune or département says.

    Metropolitan France has 11; Moselle, Bas-Rhin and Haut-Rhin add Good Friday and 26 December;
    each overseas département adds its day of the abolition of slavery. An empty code is read as
    metropolitan France.
    """
    sunday = easter(year)
    fixed = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)]
    after_easter = [1, 39, 50]
    if insee[:2] in ALSACE_MOSELLE:
        fixed.append((12, 26))
        after_easter.append(-2)
    if insee[:3] in ABOLITION:
        fixed.append(ABOLITION[insee[:3]])
    return frozenset(
        [dt.date(year, month, day) for month, day in fixed]
        + [sunday + dt.timedelta(days=n) for n in after_easter]
    )
