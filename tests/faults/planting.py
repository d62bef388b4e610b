"""What the town of the kill test holds, and what is found in it afterwards.

`python -m tests.faults.planting plant` and `… count`: in processes of the town's installation.
Both print one JSON object.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from typing import Any

import django

DEVICES = ("meter-mqtt", "meter-http")
#: Readings stand this far apart, from here on; every second hundred is above the rule's level.
FIRST = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
STEP = 10
BLOCK = 100
CALM, HIGH = 5.0, 20.0


def value_of(number: int) -> float:
    return HIGH if number // BLOCK % 2 else CALM


def message(number: int) -> bytes:
    """The reading with this number as a device sends it."""
    moment = int(FIRST.timestamp() + number * STEP) * 1000
    return json.dumps({"time": moment, "flow": value_of(number)}).encode()


def plant() -> dict[str, Any]:
    from tests.world import build

    from beffroi.accessible.reception.appointments.models import Agent, Opening, Reason
    from beffroi.base.access.public import actor_of_account
    from beffroi.base.authorities.models import Domain
    from beffroi.sustainable.territory.insights.models import Rule, RuleState
    from beffroi.sustainable.territory.objects import actions

    town: Any = build()
    admin = actor_of_account(town.accounts["admin"], town.commune)
    flow = actions.property_named("water-flow", "Débit", "m3/h")
    tokens = {}
    for device in DEVICES:
        thing = actions.create_thing(admin, name=device, domain=Domain.WATER, device_id=device)
        tokens[device] = actions.create_device_token(admin, thing)
        stream = actions.create_datastream(admin, thing, "flow", flow, step=STEP, public=True)
        rule = Rule.objects.create(
            authority=town.commune,
            domain=Domain.WATER,
            state=RuleState.ACTIVE,
            name=f"Débit de {device}",
            on_level=10,
            off_level=8,
            message="Débit élevé",
        )
        rule.datastreams.add(stream)
    reason = Reason.objects.create(
        authority=town.commune,
        service=town.services["etat-civil"],
        label="Passeport",
        duration=15,
        min_notice=30,
        max_notice=30,
    )
    for number in range(5):
        agent = Agent.objects.create(
            authority=town.commune, service=reason.service, site=town.site, name=f"Agent {number}"
        )
        for weekday in range(1, 6):
            opening = Opening.objects.create(
                authority=town.commune,
                agent=agent,
                site=town.site,
                weekday=weekday,
                starts=dt.time(8),
                ends=dt.time(18),
                first_day=dt.date(2026, 1, 5),
            )
            opening.reasons.add(reason)
    return {"tokens": tokens, "reason": reason.pk}


def count() -> dict[str, Any]:
    from beffroi.accessible.information.broadcast.models import Notice
    from beffroi.accessible.reception.appointments.models import Appointment, Claim
    from beffroi.base.intake.public import rejected, state
    from beffroi.base.outbox.models import Announcement
    from beffroi.base.tasks.models import Task
    from beffroi.sustainable.territory.insights.models import Insight
    from beffroi.sustainable.territory.objects.models import Datastream
    from beffroi.sustainable.territory.objects.telemetry import telemetry

    start = round(FIRST.timestamp() * 1000)
    readings, insights = {}, {}
    for stream in Datastream.objects.select_related("thing"):
        found = telemetry().read(stream.number, start, start + 10**11)
        numbers = [int(time - start) // (STEP * 1000) for time in found.times.tolist()]
        right = [
            value_of(n) == value for n, value in zip(numbers, found.values.tolist(), strict=True)
        ]
        readings[stream.thing.name] = numbers if all(right) else "wrong values"
        mine = Insight.objects.filter(datastream=stream)
        insights[stream.thing.name] = [mine.count(), mine.filter(ended_at=None).count()]
    booked = Appointment.objects.filter(status="confirmed")
    return {
        "readings": readings,
        "insights": insights,
        "booked": sorted(booked.values_list("ref", flat=True)),
        "claims": Claim.objects.count(),
        "published": sorted(
            Notice.objects.filter(state="published").values_list("title", flat=True)
        ),
        "notices": Notice.objects.count(),
        "waiting": [
            [t.name, t.error[-300:]] for t in Task.objects.filter(failed_at=None, planned=False)
        ],
        "given_up": [[t.name, t.error[-300:]] for t in Task.objects.exclude(failed_at=None)],
        "unannounced": Announcement.objects.filter(published_at=None).count(),
        "unhandled": sum(state().waiting.values()),
        "rejected": [[r.message.number, r.reason] for r in rejected()],
    }


if __name__ == "__main__":
    django.setup()
    print(json.dumps({"plant": plant, "count": count}[sys.argv[1]]()))  # noqa: T201
