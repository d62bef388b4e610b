"""The chart of an insight: what happened, beside what is usual, with the levels of its rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from django.utils.translation import gettext as _

from beffroi.base.access.public import Actor
from beffroi.base.design.charts import Band, Chart, Event, Series, Threshold
from beffroi.sustainable.territory.objects.public import (
    Datastream,
    Readings,
    chart_of_stream,
    readings_of,
    spoken_unit,
)

from .engine.hours import local_days, within_hours
from .models import Insight, Rule, RuleState
from .queries import insights_for

BEFORE, AFTER = timedelta(days=14), timedelta(days=35)
# Nearer to each other than a tenth, the words of two levels would cover each other.
APART = 0.1
MOST_EVENTS = 12


def chart_of_insight(insight: Insight) -> Chart:
    """Two weeks before the onset and five after; for a rule of some hours of the day, one point a day."""
    rule, stream = insight.rule, insight.datastream
    start = insight.onset - BEFORE
    end = min(
        insight.ended_at or datetime.max.replace(tzinfo=UTC), insight.onset + AFTER
    ) + timedelta(days=1)
    levels = [Threshold(rule.on_level, _("seuil d’alerte"))]
    if abs(rule.on_level - rule.off_level) > APART * abs(rule.on_level):
        levels.append(Threshold(rule.off_level, _("retour à la normale")))
    events = [Event(insight.onset, _("début"))]
    if insight.ended_at:
        events.append(Event(insight.ended_at, _("fin")))
    readings = readings_of(stream, start, end)
    band = _usual_band(rule, readings, insight.onset, start, end)
    if rule.window is None:
        return chart_of_stream(stream, start, end, _("Autour du constat"), levels, events, band)
    return Chart(
        title=_("Moyenne de chaque nuit, pendant les heures de la règle"),
        unit=spoken_unit(stream.unit),
        series=[_daily_means(rule, stream, readings)],
        zone=rule.authority.zone,
        band=band,
        thresholds=levels,
        events=events,
    )


def _inside(rule: Rule, readings: Readings) -> Readings:
    if rule.window is None:
        return readings
    kept = within_hours(readings.times, rule.authority.zone, *rule.window)
    return Readings(readings.numbers[kept], readings.times[kept], readings.values[kept])


def _daily_means(rule: Rule, stream: Datastream, readings: Readings) -> Series:
    inside = _inside(rule, readings)
    first_minute = rule.window[0] if rule.window else 0
    days, starts, counts = np.unique(
        local_days(inside.times, rule.authority.zone, first_minute),
        return_index=True,
        return_counts=True,
    )
    means = np.add.reduceat(inside.values, starts) / counts if len(days) else np.empty(0)
    moments = [datetime.fromtimestamp(time / 1000, UTC) for time in inside.times[starts].tolist()]
    return Series(stream.observed_property.label, moments, means.tolist())


def _usual_band(
    rule: Rule, readings: Readings, onset: datetime, start: datetime, end: datetime
) -> Band | None:
    """From the lowest to the highest twentieth of the readings before the onset, in the rule's hours."""
    inside = _inside(rule, readings)
    before = inside.values[inside.times < onset.timestamp() * 1000]
    if len(before) < 20:
        return None
    low, high = np.quantile(before, [0.05, 0.95]).tolist()
    return Band(_("habituel"), [start, end], [low, low], [high, high])


def annotate(
    stream: Datastream, start: datetime, end: datetime, actor: Actor
) -> tuple[list[Threshold], list[Event]]:
    """For agents: the levels of the active rules on a series, and when insights began and ended."""
    if not actor.may("insights.see"):
        return [], []
    rules = Rule.objects.filter(state=RuleState.ACTIVE, datastreams=stream).order_by("pk")[:3]
    found = insights_for(actor).filter(datastream=stream, onset__lt=end, opened_at__gte=start)
    events = []
    for insight in found[:MOST_EVENTS]:
        events.append(Event(insight.opened_at, _("constat")))
        if insight.ended_at:
            events.append(Event(insight.ended_at, _("fin")))
    return [Threshold(rule.on_level, rule.name) for rule in rules], events
