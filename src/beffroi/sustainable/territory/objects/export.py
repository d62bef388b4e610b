"""Readings as a file for spreadsheets and for machines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from .models import Datastream
from .queries import moment_of, readings_of

PIECE = timedelta(days=30)


def csv_rows(stream: Datastream, start: datetime, end: datetime, iso: bool) -> Iterator[str]:
    """Lines of a CSV file, a month at a time. French: `;`, decimal comma, the authority's local time
    with its offset; `iso`: comma, decimal point, UTC."""
    separator = "," if iso else ";"
    heading = separator.join(["time" if iso else "date", stream.key, "unit" if iso else "unité"])
    yield ("" if iso else "\ufeff") + heading + "\r\n"
    zone = stream.authority.zone
    while start < end:
        until = min(start + PIECE, end)
        readings = readings_of(stream, start, until)
        lines = []
        for time, value in zip(readings.times.tolist(), readings.values.tolist(), strict=True):
            moment = moment_of(time)
            if iso:
                lines.append(
                    f"{moment:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + f"Z,{value!r},{stream.unit}\r\n"
                )
            else:
                written = f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S%z}"
                lines.append(f"{written};{value!r};{stream.unit}\r\n".replace(".", ",", 1))
        yield "".join(lines)
        start = until
