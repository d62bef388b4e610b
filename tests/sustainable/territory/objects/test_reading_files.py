"""Files as they come: separators, commas, encodings, clocks that move, wrong rows."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.base.access.public import Actor
from beffroi.base.imports.public import ImportCancelled, UnreadableSource
from beffroi.sustainable.territory.insights.models import Insight
from beffroi.sustainable.territory.objects.engine.csv_columns import numbers, sniff
from beffroi.sustainable.territory.objects.engine.local_clock import LocalClock
from beffroi.sustainable.territory.objects.engine.written_times import guess_format, read_times
from beffroi.sustainable.territory.objects.importing import ReadingsImporter
from beffroi.sustainable.territory.objects.models import Datastream
from beffroi.sustainable.territory.objects.telemetry import telemetry

from ..conftest import Sector

PARIS = ZoneInfo("Europe/Paris")
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall clock has no zone
MAP = """
{head}
[time]
column = "date"
[[series]]
thing = "Compteur"
property = "flow"
unit = "m3/h"
step = 300
column = "débit"
"""


# Longer than what is read to find out how a file is written.
LONG = b"date;d\n" + b"".join(
    b"2026-01-05 10:%02d:00;%d\n" % (place % 60, place) for place in range(9_000)
)


class Notes:
    def __init__(self, stop_at: int = 0) -> None:
        self.accepted, self.refused, self.notes, self.steps = 0, [], [], []  # type: ignore[var-annotated]
        self.stop_at = stop_at
        self.cancelled = False

    def check(self) -> None:
        self.steps.append("check")
        if self.stop_at and len(self.steps) >= self.stop_at:
            raise ImportCancelled

    def progress(self, done: int, total: int) -> None:
        self.steps.append((done, total))

    def accept(self, count: int = 1) -> None:
        self.accepted += count

    def refuse(self, line: int, reason: object) -> None:
        self.refused.append((line, str(reason)))

    def note(self, message: object) -> None:
        self.notes.append(str(message))


@pytest.fixture
def bring(
    tmp_path: Path, store: Any, town: Any, actor: Callable[..., Actor]
) -> Callable[..., Notes]:
    """bring(text or bytes) imports it as the syndicat's head; returns what the import said."""

    def run(
        content: str | bytes,
        mapping: str = MAP,
        head: str = "",
        name: str = "f.csv",
        notes: Notes | None = None,
    ) -> Notes:
        source, map_file = tmp_path / name, tmp_path / "map.toml"
        source.write_bytes(content.encode() if isinstance(content, str) else content)
        map_file.write_text(mapping.replace("{head}", head))
        notes = notes or Notes()
        ReadingsImporter().run(source, actor("head", town.syndicat), notes, map=str(map_file))
        return notes

    return run


def kept(key: str = "flow") -> list[tuple[str, float]]:
    stream = Datastream.objects.get(key=key)
    readings = telemetry().read(stream.number, 0, 2**52)
    return [
        (datetime.fromtimestamp(time / 1000, UTC).strftime("%Y-%m-%dT%H:%M"), value)
        for time, value in zip(readings.times.tolist(), readings.values.tolist(), strict=True)
    ]


@pytest.mark.parametrize(
    "content",
    [
        "date;débit\n2026-01-05 10:00:00;1,5\n2026-01-05 10:05:00;2\n",
        "date,débit\n2026-01-05 10:00,1.5\n2026-01-05 10:05,2\n",
        "date\tdébit\r\n05/01/2026 10:00\t1,5\r\n05/01/2026 10:05\t2,0",
        "date;débit\n2026-01-05T09:00:00Z;1,5\n2026-01-05T09:05:00Z;2\n",
        "date;débit\n2026-01-05T10:00:00+01:00;1,5\n2026-01-05T10:05:00+01:00;2\n",
        '"date";"débit"\n"2026-01-05 10:00:00";"1,5"\n"2026-01-05 10:05:00";"2"\n',
        "date;débit\n2026-01-05 10:00:00;1,5\n2026-01-05 10:05:00;2\n".encode("latin-1"),
        b"\xef\xbb\xbf" + "date;débit\n2026-01-05 10:00:00;1,5\n2026-01-05 10:05:00;2\n".encode(),
        gzip.compress(
            "date;débit\n2026-01-05 10:00:00;1,5\n2026-01-05 10:05:00;2\n".encode(), mtime=0
        ),
    ],
)
def test_the_same_readings_written_in_many_ways(
    bring: Callable[..., Notes], content: str | bytes
) -> None:
    notes = bring(content)
    assert (notes.accepted, notes.refused) == (2, [])
    assert kept() == [("2026-01-05T09:00", 1.5), ("2026-01-05T09:05", 2.0)]


def test_wrong_rows_are_refused_one_line_each_and_the_others_stay(
    bring: Callable[..., Notes],
) -> None:
    notes = bring(
        "date;débit\n2026-01-05 10:00:00;1,5\nhier;2\n2026-01-05 10:10:00;abc\n2026-01-05 10:15:00;NaN\n"
        "2026-01-05 10:20:00;inf\n2026-01-05 10:25:00;1;2\n\n2026-01-05 10:30:00;\n1970-01-01 01:00:00;3\n"
        "2036-02-07 06:28:16;3\n2026-03-29 02:30:00;4\n2026-01-05 10:35:00;1 234,5\n"
    )
    assert sorted(line for line, _ in notes.refused) == [3, 4, 5, 6, 7, 10, 11, 12]
    reasons = dict(notes.refused)
    assert reasons[3] == "Date illisible."
    assert reasons[12].startswith("Heure qui n’existe pas")
    assert notes.accepted == 2
    assert kept() == [("2026-01-05T09:00", 1.5), ("2026-01-05T09:35", 1234.5)]


def test_twice_the_same_file_changes_nothing_and_a_correction_is_kept(
    bring: Callable[..., Notes],
) -> None:
    text = "date;débit\n2026-01-05 10:00:00;1\n2026-01-05 10:05:00;2\n"
    assert bring(text).notes == ["2 mesures nouvelles, 0 corrigées, 0 déjà connues."]
    assert bring(text).notes == ["0 mesures nouvelles, 0 corrigées, 2 déjà connues."]
    assert bring(text.replace(";2", ";7")).notes == [
        "0 mesures nouvelles, 1 corrigées, 1 déjà connues."
    ]
    assert kept()[-1] == ("2026-01-05T09:05", 7.0)


def test_the_hour_that_comes_twice_is_told_by_order(bring: Callable[..., Notes]) -> None:
    start = datetime(2026, 10, 24, 23, 0, tzinfo=UTC)
    moments = [start + timedelta(minutes=15 * place) for place in range(16)]
    lines = [
        f"{moment.astimezone(PARIS):%Y-%m-%d %H:%M:%S};{place}"
        for place, moment in enumerate(moments)
    ]
    assert bring("date;débit\n" + "\n".join(lines)).refused == []
    assert kept() == [
        (f"{moment:%Y-%m-%dT%H:%M}", float(place)) for place, moment in enumerate(moments)
    ]


@given(
    st.sampled_from([5, 15, 30, 60]),
    st.booleans(),
    st.lists(st.integers(1, 200), max_size=5),
    st.sampled_from(
        [datetime(2026, 10, 24, 20, tzinfo=UTC), datetime(2026, 3, 28, 20, tzinfo=UTC)]
    ),
)
def test_any_regular_file_over_a_change_of_the_clock_comes_back_to_utc(
    step: int, descending: bool, cuts: list[int], start: datetime
) -> None:
    moments = [start + timedelta(minutes=step * place) for place in range(12 * 60 // step)]
    if descending:
        moments.reverse()
    wall = np.array(
        [
            (m.astimezone(PARIS).replace(tzinfo=None) - EPOCH) // timedelta(milliseconds=1)
            for m in moments
        ]
    )
    expected = [round(m.timestamp() * 1000) for m in moments]
    clock, bounds = (
        LocalClock(PARIS, descending),
        sorted({0, len(wall), *(c for c in cuts if c < len(wall))}),
    )
    found: list[int] = []
    for first, last in pairwise(bounds):
        piece, exists = clock.to_utc(wall[first:last])
        assert exists.all()
        found += piece.tolist()
    assert found == expected


@given(st.datetimes(datetime(1971, 1, 1), datetime(2099, 12, 31)))  # noqa: DTZ001
def test_dates_are_read_as_the_library_reads_them(moment: datetime) -> None:
    for form in ("%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M:%S"):
        times = read_times(np.array([moment.strftime(form)]), form)
        expected = (moment.replace(microsecond=0) - EPOCH) // timedelta(milliseconds=1)
        assert times.valid.all()
        assert times.wall.tolist() == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30 10:00:00",
        "2026-13-01 10:00:00",
        "2026-01-01 24:00:00",
        "٢٠٢٦-01-01 10:00:00",
        "",
    ],
)
def test_an_impossible_date_is_no_date(text: str) -> None:
    assert not read_times(np.array([text]), "%Y-%m-%d %H:%M:%S").valid.any()
    assert guess_format(text or "x") is None


def test_a_sum_of_columns_and_two_series_at_once(bring: Callable[..., Notes]) -> None:
    mapping = MAP.replace('column = "débit"', 'key = "net"\nsum = { "débit" = 1, sortie = -1 }')
    bring(
        "date;débit;sortie\n2026-01-05 10:00:00;5;2\n2026-01-05 10:05:00;5;\n2026-01-05 10:10:00;6;x\n",
        mapping,
    )
    assert kept("net") == [("2026-01-05T09:00", 3.0)]


@pytest.mark.parametrize(
    ("content", "mapping", "head", "says"),
    [
        ("date;débit\n", MAP, "create = 3", "create"),
        ("date;débit\n", "[[series]]\n", "", "column"),
        ("date;débit\n", "not toml", "", "TOML"),
        ("date;débit\n", MAP.split("[[")[0], "", "aucune série"),
        ("date;autre\n1;2\n", MAP, "", "débit"),
        ("", MAP, "", "première ligne"),
        ("date;débit\nle 5 janvier;1\n", MAP, "", "le 5 janvier"),
        ("date;débit\n2026-01-05 10:00:00;1\n", MAP, "create = false", "n’existe pas"),
        (
            "date;débit\n2026-01-05 10:00:00;1\n",
            MAP.replace('"date"', '"date"\nzone = "Mars/Base"'),
            "",
            "zone",
        ),
        (gzip.compress(LONG, mtime=0)[:-30], MAP.replace("débit", "d"), "", "s’interrompt"),
        (b"\x1f\x8bnot gzip", MAP, "", "ne s’ouvre pas"),
    ],
)
def test_what_cannot_be_read_at_all_says_why(
    bring: Callable[..., Notes], content: str | bytes, mapping: str, head: str, says: str
) -> None:
    with pytest.raises(UnreadableSource, match=says):
        bring(content, mapping, head)


def test_an_import_can_be_stopped(bring: Callable[..., Notes]) -> None:
    with pytest.raises(ImportCancelled):
        bring("date;débit\n2026-01-05 10:00:00;1\n", notes=Notes(stop_at=1))


def test_rules_read_an_imported_past_in_order_when_the_map_says_so(
    bring: Callable[..., Notes], sector: Sector
) -> None:
    mapping = MAP.replace('"Compteur"', '"Débitmètre Tanneurs"').replace(
        '"flow"', '"flow"\nkey = "flow"'
    )
    values = [6] * 12 + [20] * 12 + [6] * 12
    lines = [
        f"2026-01-05 {10 + place // 12}:{place % 12 * 5:02d}:00;{value}"
        for place, value in enumerate(values)
    ]
    text = "date;débit\n" + "\n".join(lines)
    bring(text, mapping)
    assert not Insight.objects.exists()
    bring(text, mapping, "rules = true")
    insight = Insight.objects.get()
    assert insight.onset == datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
    assert insight.state == "ended"
    bring(text, mapping, "rules = true")
    assert Insight.objects.count() == 1


def test_a_hundred_thousand_rows_are_a_matter_of_seconds(bring: Callable[..., Notes]) -> None:
    start = np.datetime64("2025-01-01T00:00:00")
    times = np.datetime_as_string(start + np.arange(100_000) * np.timedelta64(300, "s"), unit="s")
    rows = "\n".join(
        f"{time};{place % 97},{place % 10}" for place, time in enumerate(times.tolist())
    )
    head = '[file]\nseparator = ";"'
    begun = datetime.now(UTC)
    notes = bring("date;débit\n" + rows, MAP.replace('"date"', '"date"\nzone = "UTC"'), head)
    assert notes.accepted == 100_000
    # A loop over the rows takes minutes; a loaded machine some seconds.
    assert datetime.now(UTC) - begun < timedelta(seconds=60)


def test_columns_of_numbers() -> None:
    values, held = numbers(["1,5", "", "x", "nan", "1 000", "2.5"], ",")
    assert held.tolist() == [True, False, True, True, True, True]
    assert np.isnan(values).tolist() == [False, True, True, True, False, False]


def test_what_is_stated_is_believed(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("a;b\n1,2;3\n")
    assert sniff(path).decimal == ","
    assert sniff(path, decimal=".").decimal == "."
    with pytest.raises(LookupError):
        sniff(path, encoding="klingon")
