from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.base.design import words

PARIS = ZoneInfo("Europe/Paris")


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("moment", "french", "english"),
    [
        (
            datetime(2026, 11, 24, 8, 30, tzinfo=UTC),
            "mardi 24 novembre à 9 h 30",
            "Tuesday 24 November at 9:30 am",
        ),
        (
            datetime(2026, 12, 1, 12, 0, tzinfo=UTC),
            "mardi 1er décembre à 13 h",
            "Tuesday 1 December at 1 pm",
        ),
        # Clocks go forward at 1:00 UTC, and back at 1:00 UTC.
        (
            datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
            "dimanche 29 mars à 3 h",
            "Sunday 29 March at 3 am",
        ),
        (
            datetime(2026, 10, 25, 1, 0, tzinfo=UTC),
            "dimanche 25 octobre à 2 h",
            "Sunday 25 October at 2 am",
        ),
    ],
)
def test_moments_are_said_in_the_authoritys_zone(
    moment: datetime, french: str, english: str
) -> None:
    assert plain(words.say_moment(moment, PARIS)) == french
    assert plain(words.say_moment(moment, PARIS, "en")) == english


def test_the_year_is_said_only_when_it_is_another_one() -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    assert plain(words.say_date(date(2026, 12, 31), today=now.date())) == "jeudi 31 décembre"
    assert plain(words.say_date(date(2027, 1, 4), today=now.date())) == "lundi 4 janvier 2027"


def test_an_hour_and_its_unit_stay_on_one_line() -> None:
    said = words.say_moment(datetime(2026, 11, 24, 8, 30, tzinfo=UTC), PARIS)
    assert "9\u00a0h\u00a030" in said
    assert "24\u00a0novembre" in said


def test_periods_of_a_day_of_several_days_and_without_end() -> None:
    start = datetime(2026, 11, 28, 7, 0, tzinfo=UTC)
    end = datetime(2026, 11, 28, 13, 0, tzinfo=UTC)
    next_day = datetime(2026, 11, 29, 11, 30, tzinfo=UTC)
    assert plain(words.say_period(start, end, PARIS)) == "samedi 28 novembre de 8 h à 14 h"
    assert plain(words.say_period(start, next_day, PARIS)) == (
        "du samedi 28 novembre à 8 h au dimanche 29 novembre à 12 h 30"
    )
    assert plain(words.say_period(start, None, PARIS)) == "depuis samedi 28 novembre à 8 h"
    assert plain(words.say_period(start, end, PARIS, "en")) == (
        "Saturday 28 November from 8 am to 2 pm"
    )


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (1234.5, "1 234,5", "1,234.5"),
        (17.4321, "17,4", "17.4"),
        (3.14159, "3,14", "3.14"),
        (0.01234, "0,012", "0.012"),
        (-6, "−6", "−6"),
        (-0.0001, "0", "0"),
        (1_000_000, "1 000 000", "1,000,000"),
        (float("nan"), "—", "—"),
        (float("inf"), "—", "—"),
    ],
)
def test_numbers(value: float, french: str, english: str) -> None:
    assert plain(words.say_number(value)) == french
    assert words.say_number(value, "en") == english


def test_amounts_carry_their_unit() -> None:
    assert words.say_quantity(17.4, "m³/h") == "17,4\u00a0m³/h"
    assert words.say_quantity(61, "%") == "61\u00a0%"
    assert words.say_quantity(61, "%", "en") == "61%"
    assert words.say_quantity(None, "m³/h") == "—"
    assert words.say_quantity(2, "") == "2"


@given(st.floats(min_value=-1e12, max_value=1e12), st.integers(0, 4))
def test_a_said_number_reads_back(value: float, decimals: int) -> None:
    said = words.say_number(value, "fr", decimals)
    back = float(plain(said).replace(" ", "").replace(",", ".").replace("−", "-"))
    assert back == pytest.approx(value, abs=0.5 * 10**-decimals * 1.0001 + abs(value) * 1e-12)


@pytest.mark.parametrize(
    ("day", "french", "english"),
    [
        (24, "9 h 30", "9:30 am"),
        (23, "hier", "yesterday"),
        (25, "demain", "tomorrow"),
        (20, "20 nov.", "20 Nov"),
    ],
)
def test_brief_words_for_narrow_columns(day: int, french: str, english: str) -> None:
    now = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)  # 23 h 30 in Paris: still the 24th
    moment = datetime(2026, 11, day, 8, 30, tzinfo=UTC)
    assert plain(words.say_brief(moment, PARIS, now=now)) == french
    assert plain(words.say_brief(moment, PARIS, "en", now=now)) == english
