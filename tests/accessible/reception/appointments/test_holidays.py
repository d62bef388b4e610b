import datetime as dt

import pytest
from dateutil.easter import easter as known_easter

from beffroi.accessible.reception.appointments.engine.holidays import easter, public_holidays


def test_easter_is_that_of_the_almanac() -> None:
    assert [easter(year) for year in range(1900, 2200)] == [
        known_easter(y) for y in range(1900, 2200)
    ]


def test_the_eleven_days_of_2026() -> None:
    assert sorted(public_holidays(2026)) == [
        dt.date(2026, *day)
        for day in [
            (1, 1),
            (4, 6),
            (5, 1),
            (5, 8),
            (5, 14),
            (5, 25),
            (7, 14),
            (8, 15),
            (11, 1),
            (11, 11),
            (12, 25),
        ]
    ]


@pytest.mark.parametrize("insee", ["57463", "67482", "68066", "67"])
def test_alsace_and_moselle_have_thirteen(insee: str) -> None:
    extra = public_holidays(2026, insee) - public_holidays(2026)
    assert extra == {dt.date(2026, 4, 3), dt.date(2026, 12, 26)}


def test_overseas_departements_remember_the_abolition() -> None:
    assert public_holidays(2026, "97411") - public_holidays(2026) == {dt.date(2026, 12, 20)}
    assert public_holidays(2026, "75056") == public_holidays(2026)
