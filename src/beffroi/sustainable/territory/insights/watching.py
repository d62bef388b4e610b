"""Rules at work: each new reading of a watched series goes through the rules that watch it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import transaction

from beffroi.base.access.public import Actor
from beffroi.base.audit.public import record
from beffroi.base.design.words import say_moment, say_quantity
from beffroi.base.outbox.public import announce, emit
from beffroi.base.provenance.public import link
from beffroi.sustainable.territory.interventions.public import desk_topics
from beffroi.sustainable.territory.objects.public import (
    Datastream,
    Points,
    readable,
    spoken_unit,
    telemetry,
)

from .engine.hours import within_hours
from .engine.threshold import State, Transition, evaluate
from .models import LIVE_STATES, Insight, InsightState, Rule, RuleState, Watch
from .wording import fill

USUAL_DAYS = 14
FEWEST_READINGS = 10
COPIED_READINGS = 60
MINUTES_AROUND = 90


def observe(points: Mapping[Datastream, Points]) -> None:
    """Evaluate the active rules over new readings; called inside the transaction that records them."""
    by_pk = {stream.pk: stream for stream in points}
    rules = Rule.objects.filter(state=RuleState.ACTIVE).select_related("authority", "crew")
    pairs = (
        Rule.datastreams.through.objects.filter(datastream_id__in=by_pk, rule__in=rules)
        .order_by("rule_id", "datastream_id")
        .values_list("rule_id", "datastream_id")
    )
    watched = [(rule_id, stream_id) for rule_id, stream_id in pairs]
    if not watched:
        return
    known_rules = rules.in_bulk({rule_id for rule_id, _ in watched})
    known = {
        (watch.rule_id, watch.datastream_id): watch
        for watch in Watch.objects.select_for_update(of=("self",))
        .filter(rule__in=known_rules, datastream__in=by_pk)
        .select_related("insight")
    }
    for rule_id, stream_id in watched:
        watch = known.get((rule_id, stream_id)) or Watch(rule_id=rule_id, datastream_id=stream_id)
        _watch(known_rules[rule_id], by_pk[stream_id], points[by_pk[stream_id]], watch)


def _watch(rule: Rule, stream: Datastream, points: Points, watch: Watch) -> None:
    times, values = points.times, points.values
    if rule.window is not None:
        inside = within_hours(times, rule.authority.zone, *rule.window)
        times, values = times[inside], values[inside]
    before = State(**watch.state)
    transitions, after = evaluate(times, values, before, rule.threshold(stream.step))
    for transition in transitions:
        if transition.kind == "opened":
            watch.insight = open_insight(rule, stream, transition)
        elif watch.insight is not None:
            end_insight(watch.insight, rule, stream, transition)
            watch.insight = None
    if after.is_open and watch.insight is not None and after.peak != watch.insight.peak:
        watch.insight.peak, watch.insight.peak_at = after.peak, _moment(after.peak_at)
        watch.insight.save(update_fields=["peak", "peak_at"])
    if after != before or watch.pk is None:
        watch.state = asdict(after)
        watch.save()


@transaction.atomic
def open_insight(rule: Rule, stream: Datastream, found: Transition) -> Insight:
    """Write down what the rule found, once for one onset, with the readings it was found in."""
    held, usual = _held(rule, stream, found), _usual(rule, stream, found.since)
    said = blanks(rule, stream, found.since, found.at, found.peak, held, usual)
    insight, created = Insight.objects.get_or_create(
        rule=rule,
        datastream=stream,
        onset=_moment(found.since),
        defaults={
            "authority": rule.authority,
            "domain": rule.domain,
            "title": fill(rule.message, said)[:300],
            "severity": rule.severity,
            "opened_at": _moment(found.at),
            "peak": found.peak,
            "peak_at": _moment(found.peak_at),
            "held": held,
            "usual": usual,
        },
    )
    if created:
        link(insight, stream, _copied(stream, found.since, found.at))
        link(insight, rule)
        record(Actor.system(rule.authority, str(rule)), "insight.opened", insight, rule=str(rule))
        emit(
            "insight_opened",
            insight,
            ref=insight.ref,
            severity=insight.severity,
            domain=insight.domain,
        )
        announce(desk_topics(insight.authority, insight.domain), {"kind": "insight"}, private=True)
    return insight


@transaction.atomic
def end_insight(insight: Insight, rule: Rule, stream: Datastream, found: Transition) -> None:
    """The readings are normal again; what was dismissed by a person stays dismissed."""
    insight.peak, insight.peak_at = found.peak, _moment(found.peak_at)
    insight.ended_at = _moment(found.at)
    if insight.state in LIVE_STATES:
        insight.state = InsightState.ENDED
    insight.save(update_fields=["peak", "peak_at", "ended_at", "state"])
    if insight.state != InsightState.ENDED:
        return
    record(Actor.system(rule.authority, str(rule)), "insight.ended", insight, rule=str(rule))
    emit(
        "insight_ended",
        insight,
        ref=insight.ref,
        ended_at=insight.ended_at.isoformat(),
        level=rule.off_level,
        direction=rule.direction,
        unit=spoken_unit(stream.unit),
        readings=_copied(stream, found.at - rule.clear_for_seconds * 1000, found.at),
    )
    announce(desk_topics(insight.authority, insight.domain), {"kind": "insight"}, private=True)


def blanks(
    rule: Rule,
    stream: Datastream,
    since: int,
    at: int,
    peak: float,
    held: float,
    usual: float | None,
) -> dict[str, str]:
    """What the sentences of a rule may say of one finding, in the language of its authors."""
    unit = spoken_unit(stream.unit)
    zone = rule.authority.zone
    night = rule.window is not None and rule.window[0] < 6 * 60
    said = say_moment(_moment(since if night else at), zone, now=_moment(at))
    reference = rule.on_level if usual is None else usual
    return {
        "quand": f"la nuit du {said.split(' à')[0].split(' ', 1)[1]}" if night else said,
        "valeur": say_quantity(readable(peak), unit),
        "écart": say_quantity(readable(abs(held - reference)), unit),
        "habitude": say_quantity(None if usual is None else readable(usual), unit),
        "seuil": say_quantity(rule.on_level, unit),
        "objet": stream.thing.name,
        "rue": stream.thing.street.name if stream.thing.street else "",
    }


def _held(rule: Rule, stream: Datastream, found: Transition) -> float:
    """Median of the readings that opened the insight, in the hours of the rule."""
    readings = telemetry().read(stream.number, found.since, found.at + 1)
    values = readings.values
    if rule.window is not None:
        values = values[within_hours(readings.times, rule.authority.zone, *rule.window)]
    return float(np.median(values)) if len(values) else found.value


def _usual(rule: Rule, stream: Datastream, since: int) -> float | None:
    """Median reading of the same hours over the two weeks before the onset; None when too little is known."""
    start = since - round(timedelta(days=USUAL_DAYS).total_seconds() * 1000)
    past = telemetry().read(stream.number, start, since)
    zone = rule.authority.zone
    if rule.window is None:
        local = _moment(since).astimezone(zone)
        minute = local.hour * 60 + local.minute
        window = ((minute - MINUTES_AROUND) % 1440, (minute + MINUTES_AROUND) % 1440)
    else:
        window = rule.window
    values = past.values[within_hours(past.times, zone, *window)]
    return float(np.median(values)) if len(values) >= FEWEST_READINGS else None


def _copied(stream: Datastream, first: int, last: int) -> list[list[object]]:
    """The readings that decided, at most sixty evenly chosen, the first and the last among them."""
    readings = telemetry().read(stream.number, first, last + 1)
    count = len(readings)
    chosen = np.unique(
        np.linspace(0, max(count - 1, 0), min(count, COPIED_READINGS)).round().astype(int)
    )
    unit, label = spoken_unit(stream.unit), str(stream)
    return [
        [
            _moment(int(readings.times[place])).isoformat(),
            float(readings.values[place]),
            unit,
            label,
        ]
        for place in chosen
    ]


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
