"""A leak as it really happens: readings, a rule, a finding, a crew, a notice that people read.

Gives the browser tests pages with a chart, a cord of several knots and long texts.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from beffroi.accessible.information.broadcast import actions as broadcast
from beffroi.accessible.information.broadcast.models import Notice
from beffroi.base.access.public import Actor, actor_of_account
from beffroi.base.intake.public import Message
from beffroi.base.tasks.public import run_pending
from beffroi.sustainable.territory.insights.actions import send_crew
from beffroi.sustainable.territory.insights.models import Insight
from beffroi.sustainable.territory.insights.public import activate, draft_rule
from beffroi.sustainable.territory.interventions.models import Crew, Intervention
from beffroi.sustainable.territory.objects.actions import (
    create_datastream,
    create_thing,
    property_named,
    publish_datastream,
)
from beffroi.sustainable.territory.objects.ingestion import handle_batch
from beffroi.sustainable.territory.objects.models import Datastream
from tests.conftest import World

DEVICE = "debit-tanneurs"
STEP = timedelta(minutes=5)


@dataclass(frozen=True)
class Leak:
    stream: Datastream
    insight: Insight
    intervention: Intervention
    notice: Notice


def happen(world: World) -> Leak:
    """Twelve hours of flow that end in a leak, seen by the commune with which the syndicat shares."""
    syndicat_head = actor_of_account(world.syndicat_accounts["head"], world.syndicat)
    head = actor_of_account(world.accounts["head"], world.commune)
    stream = _meter(syndicat_head, world)
    _rule(syndicat_head, world, stream)
    _flow()
    run_pending()
    insight = Insight.objects.get(datastream=stream)
    intervention, notices = send_crew(head, insight)
    notice = broadcast.publish(head, notices[0])
    _other_news(head, world)
    run_pending()
    return Leak(stream, insight, intervention, notice)


def _meter(head: Actor, world: World) -> Datastream:
    thing = create_thing(
        head,
        name="Débitmètre Tanneurs",
        domain="water",
        device_id=DEVICE,
        street=world.streets["rue-des-tanneurs"],
        latitude=47.3,
        longitude=0.1,
    )
    stream = create_datastream(
        head, thing, "flow", property_named("flow", "Débit", "m3/h"), step=300
    )
    return publish_datastream(head, stream, True)


def _rule(head: Actor, world: World, stream: Datastream) -> None:
    crew = Crew.objects.create(authority=world.syndicat, name="Eau 2", domain="water")
    crew.members.add(world.syndicat_accounts["field"])
    rule = draft_rule(
        head,
        {
            "domain": "water",
            "name": "Fuite probable",
            "on_level": 14.0,
            "off_level": 9.0,
            "for_seconds": 1800,
            "clear_for_seconds": 1800,
            "severity": 3,
            "message": "{quand}, {valeur} dans le secteur {objet}",
            "crew": crew,
            "proposes_notice": True,
            "notice_title": "Fuite d’eau {rue}",
            "notice_body": "Une équipe cherche une fuite. L’eau peut être trouble ou manquer.",
        },
        [stream],
        [world.streets["rue-des-tanneurs"]],
    )
    activate(head, rule)


def _flow() -> None:
    start = timezone.now().replace(second=0, microsecond=0) - timedelta(hours=12)
    messages = []
    for place in range(12 * 12):
        moment = start + STEP * place
        flow = 5.5 + 0.8 * math.sin(place / 9) + max(0, place - 118) * 0.6
        body = json.dumps({"time": moment.isoformat(), "flow": round(flow, 2)}).encode()
        received = round(moment.timestamp() * 1000) + 500
        messages.append(Message(place + 1, received, "mqtt", DEVICE, f"v1/{DEVICE}/readings", body))
    handle_batch(messages)


def _other_news(head: Actor, world: World) -> None:
    now = timezone.now()
    long = broadcast.Content(
        title="Circulation interdite et stationnement gênant quai Foch pendant le semi-marathon des bords de Loire",
        body=(
            "Le quai est fermé aux véhicules, sauf secours, du pont Neuf jusqu’à l’écluse. "
            "Déviation par l’avenue de la Gare et la rue de l’Église. Les riverains gardent l’accès à pied. "
            "Les véhicules encore garés sur le parcours sont déplacés place du Puits."
        ),
        severity=2,
        domain="roads",
        streets=[world.streets["quai-foch"], world.streets["rue-de-l-eglise"]],
        expected_end=now + timedelta(days=5, hours=6),
    )
    broadcast.publish(head, broadcast.propose(head, world.commune, long))
