"""Reading rules and insights."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from beffroi.base.access.public import Actor, visible
from beffroi.sustainable.territory.objects.public import Datastream, readings_of, telemetry

from .engine.backtest import Episode, by_month, replay
from .engine.hours import local_days, within_hours
from .engine.suggestion import Suggestion, suggest
from .models import LIVE_STATES, Insight, Rule

LONGEST_REHEARSAL = timedelta(days=400)
MOST_SERIES = 12


def insights_for(actor: Actor) -> QuerySet[Insight]:
    return visible(
        Insight.objects.select_related(
            "authority", "rule__crew", "datastream__thing__street", "datastream__observed_property"
        ),
        actor,
    )


def live_insights(actor: Actor) -> QuerySet[Insight]:
    return insights_for(actor).filter(state__in=LIVE_STATES)


def rules_for(actor: Actor) -> QuerySet[Rule]:
    return visible(Rule.objects.select_related("authority", "crew"), actor)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a rule would have said of the stored past of one series."""

    datastream: Datastream
    first: datetime
    last: datetime
    episodes: list[Episode]
    months: list[tuple[int, int, int]]


def rehearse(rule: Rule) -> list[Rehearsal]:
    """Replay a rule over the last 400 days of each of its series (twelve at most)."""
    found = []
    for stream in rule.datastreams.select_related("thing", "observed_property", "authority")[
        :MOST_SERIES
    ]:
        span = telemetry().span(stream.number)
        if span is None:
            continue
        start = max(span[0], span[1] - round(LONGEST_REHEARSAL.total_seconds() * 1000))
        past = telemetry().read(stream.number, start, span[1] + 1)
        times, values = past.times, past.values
        zone = rule.authority.zone
        if rule.window is not None:
            inside = within_hours(times, zone, *rule.window)
            times, values = times[inside], values[inside]
        episodes = replay(times, values, rule.threshold(stream.step))
        found.append(
            Rehearsal(
                stream,
                datetime.fromtimestamp(start / 1000, zone),
                datetime.fromtimestamp(span[1] / 1000, zone),
                episodes,
                by_month(episodes, start, span[1], zone),
            )
        )
    return found


def suggested_levels(
    rule: Rule, stream: Datastream, start: datetime, end: datetime
) -> Suggestion | None:
    """Levels learned from a stretch that the agent knows to be ordinary; None when it is too short."""
    past = readings_of(stream, start, min(end, start + LONGEST_REHEARSAL))
    times, values = past.times, past.values
    zone = rule.authority.zone
    first_minute = 0
    if rule.window is not None:
        first_minute = rule.window[0]
        inside = within_hours(times, zone, *rule.window)
        times, values = times[inside], values[inside]
    threshold = rule.threshold(stream.step)
    return suggest(
        times,
        values,
        local_days(times, zone, first_minute),
        threshold.direction,
        threshold.hold,
        threshold.clear_hold,
        threshold.max_gap,
    )
