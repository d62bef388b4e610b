import itertools
import math
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from beffroi.base.design.charts import (
    MOST_POINTS,
    MOST_ROWS,
    Band,
    Chart,
    Event,
    Series,
    Threshold,
    describe,
    plot,
    table,
)

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 11, 23, 1, tzinfo=UTC)


def chart(count: int = 60, **more: object) -> Chart:
    times = [START + timedelta(minutes=10 * step) for step in range(count)]
    values = [5 + math.sin(step / 9) for step in range(count)]
    return Chart("Débit normal", "m³/h", [Series("Débit", times, values)], zone=PARIS, **more)  # type: ignore[arg-type]


def numbers_of(path: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", path)]


def test_everything_is_drawn_inside_the_picture() -> None:
    times = [START, START + timedelta(hours=10)]
    drawing = plot(
        chart(
            thresholds=[Threshold(14, "seuil")],
            events=[Event(START + timedelta(hours=3), "vanne fermée")],
            band=Band("habituel", times, [4, 4], [7, 7]),
        )
    )
    assert drawing is not None
    numbers = numbers_of(drawing.lines[0].path) + numbers_of(drawing.band)
    assert min(numbers) >= 0
    assert max(numbers) <= drawing.width
    assert drawing.top <= drawing.thresholds[0].at <= drawing.bottom
    assert drawing.thresholds[0].label.text == "seuil · 14\u00a0m³/h"
    assert drawing.left < drawing.events[0].at < drawing.right
    assert drawing.amounts[0].label == "0"


def test_an_event_outside_the_time_shown_is_left_out() -> None:
    drawing = plot(chart(events=[Event(START - timedelta(days=2), "avant")]))
    assert drawing is not None
    assert drawing.events == []


def test_a_missing_value_lifts_the_pen() -> None:
    times = [START + timedelta(hours=step) for step in range(5)]
    drawing = plot(Chart("Trou", "°C", [Series("Air", times, [1.0, 2.0, None, 2.0, 1.0])]))
    assert drawing is not None
    assert drawing.lines[0].path.count("M") == 2


@pytest.mark.parametrize("count", [1, 2, 50_000])
def test_few_or_many_points(count: int) -> None:
    drawing = plot(chart(count))
    assert drawing is not None
    assert len(re.findall("[ML]", drawing.lines[0].path)) <= MOST_POINTS
    rows = table(chart(count)).rows
    assert len(rows) == min(count, MOST_ROWS)


def test_nothing_to_draw() -> None:
    assert plot(Chart("Rien", "m³/h", [])) is None
    assert plot(Chart("Rien", "m³/h", [Series("Débit", [START], [None])])) is None
    assert table(Chart("Rien", "m³/h", [])).rows == []


def test_hours_are_the_authoritys_across_the_change() -> None:
    # 2026-03-29: at 1:00 UTC the clock jumps from 2 h to 3 h.
    start = datetime(2026, 3, 28, 23, tzinfo=UTC)
    times = [start + timedelta(minutes=10 * step) for step in range(6 * 6 + 1)]
    drawing = plot(Chart("Nuit", "m³/h", [Series("Débit", times, [1.0] * len(times))], zone=PARIS))
    assert drawing is not None
    labels = [tick.label.replace("\u00a0", " ") for tick in drawing.hours]
    assert labels == ["0 h", "1 h", "3 h", "4 h", "5 h", "6 h", "7 h"]
    steps = {round(b.at - a.at, 0) for a, b in zip(drawing.hours, drawing.hours[1:], strict=False)}
    assert max(steps) - min(steps) <= 1


def test_series_are_named_on_their_line_without_overlap() -> None:
    times = [START, START + timedelta(hours=1)]
    many = [Series(f"Compteur {n}", times, [5.0, 5.0 + n / 100]) for n in range(4)]
    drawing = plot(Chart("Quatre compteurs", "m³/h", many))
    assert drawing is not None
    heights = sorted(line.label.y for line in drawing.lines if line.label)
    assert len(heights) == 4
    assert all(b - a >= 15 for a, b in itertools.pairwise(heights))


def test_the_table_tells_lowest_and_highest_of_each_span() -> None:
    long = table(chart(1000))
    assert long.spans
    assert "…" in long.rows[0][1][0]
    assert not table(chart(10)).spans


def test_the_description_speaks_the_readers_language() -> None:
    times = [START, START + timedelta(hours=1)]
    one = Chart("Débit", "m³/h", [Series("Entrée", times, [5.0, 17.4])])
    assert describe(one) == (
        "Entrée\u00a0: de 5\u00a0m³/h à 17,4\u00a0m³/h, dernière valeur 17,4\u00a0m³/h."
    )
    assert "from 5\u00a0m³/h to 17.4\u00a0m³/h" in describe(one, "en")
