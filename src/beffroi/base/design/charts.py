"""Charts as data, and where each stroke goes. One question a chart; its title is the answer.

`Chart` is what rooms build; `plot()` computes a drawing of a given size in SVG units, which the
template `design/chart.html` writes. Nothing here knows of Django.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

import numpy as np

from beffroi.base.design import words
from beffroi.base.design.scales import DAY, Floats, decimate, nice_ticks, seconds, time_ticks

MOST_POINTS = 2000
MOST_ROWS = 200


@dataclass(frozen=True)
class Series:
    """One quantity over time. `colour` 1–6: the same quantity keeps its colour everywhere."""

    label: str
    times: Sequence[datetime]
    values: Sequence[float | None]
    colour: int = 0


@dataclass(frozen=True)
class Band:
    """The normal range."""

    label: str
    times: Sequence[datetime]
    low: Sequence[float]
    high: Sequence[float]


@dataclass(frozen=True)
class Threshold:
    value: float
    label: str


@dataclass(frozen=True)
class Event:
    at: datetime
    label: str


@dataclass(frozen=True)
class Chart:
    """A chart: `title` is the answer it gives, `unit` stands on the axis, `zone` hangs the clock."""

    title: str
    unit: str
    series: Sequence[Series]
    zone: tzinfo = UTC
    band: Band | None = None
    thresholds: Sequence[Threshold] = ()
    events: Sequence[Event] = ()
    summary: str = ""
    from_zero: bool = False
    live_topic: str = ""
    live_src: str = ""


@dataclass(frozen=True)
class Tick:
    at: float
    label: str
    second: str = ""


@dataclass(frozen=True)
class Label:
    x: float
    y: float
    text: str
    anchor: str = "start"


@dataclass(frozen=True)
class Line:
    colour: int
    path: str
    label: Label | None
    dot: tuple[float, float] | None = None
    value: Label | None = None


@dataclass(frozen=True)
class Rule:
    """A threshold (`at` is its height) or an event (`at` is its abscissa), with its words."""

    at: float
    label: Label


@dataclass(frozen=True)
class Plot:
    """A chart laid out: all numbers are SVG units of a picture `width` × `height`."""

    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    unit: str
    lines: list[Line] = field(default_factory=list)
    band: str = ""
    band_label: Label | None = None
    thresholds: list[Rule] = field(default_factory=list)
    events: list[Rule] = field(default_factory=list)
    amounts: list[Tick] = field(default_factory=list)
    hours: list[Tick] = field(default_factory=list)


@dataclass(frozen=True)
class _Frame:
    start: float
    end: float
    low: float
    high: float
    left: float
    right: float
    top: float
    bottom: float

    def x(self, times: Floats | float) -> Floats:
        return self.left + (np.asarray(times) - self.start) / (self.end - self.start) * (
            self.right - self.left
        )

    def y(self, values: Floats | float) -> Floats:
        return self.bottom - (np.asarray(values, dtype=np.float64) - self.low) / (
            self.high - self.low
        ) * (self.bottom - self.top)


def numbers(values: Sequence[float | None]) -> Floats:
    """Values as floats; a missing one is NaN."""
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def plot(chart: Chart, language: str = "fr", width: int = 760, height: int = 340) -> Plot | None:
    """Lay the chart out; None when there is nothing to draw."""
    points = [(seconds(one.times), numbers(one.values)) for one in chart.series]
    known = [(times, values) for times, values in points if np.isfinite(values).any()]
    if not known:
        return None
    frame = _frame(chart, known, width, height)
    ticks = nice_ticks(frame.low, frame.high, 5 if height < 400 else 7)
    frame = _Frame(
        frame.start,
        frame.end,
        ticks[0],
        ticks[-1],
        frame.left,
        frame.right,
        frame.top,
        frame.bottom,
    )
    band, band_label = _band(frame, chart)
    drawing = Plot(
        width, height, frame.left, frame.right, frame.top, frame.bottom, chart.unit,
        band=band, band_label=band_label,
        amounts=[Tick(round(float(frame.y(t)), 1), words.say_number(t, language)) for t in ticks],
        hours=_hours(frame, chart.zone, language, width),
    )  # fmt: skip
    _draw_series(drawing, frame, chart, points, language)
    for threshold in chart.thresholds:
        y = round(float(frame.y(threshold.value)), 1)
        text = f"{threshold.label} · {words.say_quantity(threshold.value, chart.unit, language)}"
        drawing.thresholds.append(Rule(y, Label(frame.left + 6, y - 6, text)))
    for number, event in enumerate(sorted(chart.events, key=lambda one: one.at)):
        instant = event.at.timestamp()
        if frame.start <= instant <= frame.end:
            x = round(float(frame.x(instant)), 1)
            late = x > (frame.left + frame.right) / 2
            label = Label(
                x + (-5 if late else 5), frame.top + 12 + 15 * (number % 3), event.label,
                "end" if late else "start",
            )  # fmt: skip
            drawing.events.append(Rule(x, label))
    return drawing


def _frame(chart: Chart, known: list[tuple[Floats, Floats]], width: int, height: int) -> _Frame:
    start = min(float(times[0]) for times, _ in known)
    end = max(float(times[-1]) for times, _ in known)
    if end <= start:
        start, end = start - 1800, end + 1800
    lows = [float(np.nanmin(values)) for _, values in known]
    highs = [float(np.nanmax(values)) for _, values in known]
    if chart.band is not None and len(chart.band.low):
        lows.append(min(chart.band.low))
        highs.append(max(chart.band.high))
    lows += [threshold.value for threshold in chart.thresholds]
    highs += [threshold.value for threshold in chart.thresholds]
    low, high = min(lows), max(highs)
    # An axis starts at zero unless the variation would vanish.
    if chart.from_zero or 0 <= low <= 0.55 * high:
        low = 0.0
    named = len(chart.series) > 1
    margin = 14 if not named or width < 500 else 14 + 7.2 * max(len(s.label) for s in chart.series)
    return _Frame(start, end, low, high, 52.0, width - min(margin, 150), 30.0, height - 44.0)


def _hours(frame: _Frame, zone: tzinfo, language: str, width: int) -> list[Tick]:
    ticks = time_ticks(frame.start, frame.end, zone, max(3, width // 95))
    found: list[Tick] = []
    previous = None
    for instant in ticks:
        local = datetime.fromtimestamp(instant, zone)
        day = words.say_short_date(local.date(), language)
        if frame.end - frame.start > 200 * DAY:
            month = day.split(words.NBSP, 1)[1]
            label, second = month, str(local.year) if not found or local.month == 1 else ""
        elif all(_is_midnight(other, zone) for other in ticks):
            label, second = day, ""
        else:
            label, second = words.say_time(local, language), day if day != previous else ""
        previous = day
        found.append(Tick(round(float(frame.x(instant)), 1), label, second))
    return found


def _is_midnight(instant: float, zone: tzinfo) -> bool:
    local = datetime.fromtimestamp(instant, zone)
    return local.hour == 0 and local.minute == 0


def _path(xs: Floats, ys: Floats) -> str:
    parts: list[str] = []
    pen_down = False
    for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
        if y != y:  # a hole lifts the pen
            pen_down = False
            continue
        parts.append(f"{'L' if pen_down else 'M'}{x:.1f} {y:.1f}")
        pen_down = True
    return "".join(parts)


def _draw_series(
    drawing: Plot, frame: _Frame, chart: Chart, points: list[tuple[Floats, Floats]], language: str
) -> None:
    limit = min(MOST_POINTS, 2 * int(frame.right - frame.left)) // max(len(points), 1)
    taken: list[float] = []
    for number, (one, (times, values)) in enumerate(zip(chart.series, points, strict=True), 1):
        times, values = decimate(times, values, limit)
        known = np.flatnonzero(np.isfinite(values))
        if not len(known):
            continue
        xs, ys = frame.x(times), frame.y(values)
        last = known[-1]
        x, y = round(float(xs[last]), 1), round(float(ys[last]), 1)
        name = value = None
        if len(chart.series) > 1:
            height = y + 4
            while any(abs(height - other) < 15 for other in taken):
                height += 15
            taken.append(height)
            beside = drawing.right < drawing.width - 20
            name = (
                Label(x + 8, height, one.label)
                if beside
                else Label(drawing.right, drawing.top + 2 + 15 * (number - 1), one.label, "end")
            )
        else:
            text = words.say_quantity(float(values[last]), chart.unit, language)
            value = Label(min(x, drawing.right), max(y - 10, 12), text, "end")
        drawing.lines.append(Line(one.colour or number, _path(xs, ys), name, (x, y), value))


def _band(frame: _Frame, chart: Chart) -> tuple[str, Label | None]:
    band = chart.band
    if band is None or not len(band.times):
        return "", None
    times, low, high = seconds(band.times), numbers(band.low), numbers(band.high)
    if len(times) > MOST_POINTS // 4:
        kept = np.linspace(0, len(times) - 1, MOST_POINTS // 4).astype(np.int64)
        times, low, high = times[kept], low[kept], high[kept]
    xs = np.clip(frame.x(times), frame.left, frame.right)
    upper = _path(xs, frame.y(high))
    lower = _path(xs[::-1], frame.y(low)[::-1]).replace("M", "L")
    below = min(float(frame.y(low)[0]) + 16, frame.bottom - 6)
    return f"{upper}{lower}Z", Label(frame.left + 6, round(below, 1), band.label)


@dataclass(frozen=True)
class Table:
    """The chart's twin: one row a time, or one row a span with lowest and highest when it is long."""

    headings: list[str]
    rows: list[tuple[datetime, list[str]]]
    spans: bool


def table(chart: Chart, language: str = "fr") -> Table:
    """The chart's values as rows, newest last; at most MOST_ROWS."""
    points = [(seconds(one.times), numbers(one.values)) for one in chart.series]
    instants = np.unique(np.concatenate([times for times, _ in points])) if points else np.array([])
    spans = len(instants) > MOST_ROWS
    edges = np.linspace(0, len(instants), MOST_ROWS + 1).astype(int) if spans else None
    rows: list[tuple[datetime, list[str]]] = []
    starts = instants[edges[:-1]] if edges is not None else instants
    for number, start in enumerate(starts.tolist()):
        stop = starts[number + 1] if number + 1 < len(starts) else np.inf
        cells = []
        for times, values in points:
            part = values[(times >= start) & (times < stop)]
            part = part[np.isfinite(part)]
            if not len(part):
                cells.append("—")
            elif part.min() == part.max():
                cells.append(words.say_number(float(part[0]), language))
            else:
                low, high = (words.say_number(float(v), language) for v in (part.min(), part.max()))
                cells.append(f"{low} … {high}")
        rows.append((datetime.fromtimestamp(start, chart.zone), cells))
    headings = [f"{one.label} ({chart.unit})" if chart.unit else one.label for one in chart.series]
    return Table(headings, rows, spans)


_DESCRIPTION = {
    "fr": "{label} : de {low} à {high}, dernière valeur {last}.",
    "en": "{label}: from {low} to {high}, last value {last}.",
}


def describe(chart: Chart, language: str = "fr") -> str:
    """What the picture shows, in one sentence a series, for those who do not see it."""
    sentences = []
    for one in chart.series:
        values = numbers(one.values)
        values = values[np.isfinite(values)]
        if len(values):
            low, high, last = (
                words.say_quantity(float(value), chart.unit, language)
                for value in (values.min(), values.max(), values[-1])
            )
            sentence = _DESCRIPTION["en" if language.startswith("en") else "fr"]
            sentences.append(sentence.format(label=one.label, low=low, high=high, last=last))
    return " ".join(sentences)
