"""A metered sector of the town, its rule, and messages as the inbox gives them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from beffroi.base.access.public import Actor
from beffroi.base.intake.public import Message
from beffroi.base.tasks.public import run_pending
from beffroi.sustainable.territory.insights.public import Rule, activate, draft_rule
from beffroi.sustainable.territory.interventions.public import Crew
from beffroi.sustainable.territory.objects.actions import (
    create_datastream,
    create_thing,
    property_named,
)
from beffroi.sustainable.territory.objects.ingestion import handle_batch
from beffroi.sustainable.territory.objects.models import Datastream, Thing
from beffroi.sustainable.territory.objects.telemetry import telemetry

# A winter night: the clock does not move.
NIGHT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def message(number: int, body: bytes, received_ms: int, device: str = "debit-tanneurs") -> Message:
    return Message(number, received_ms, "mqtt", device, f"v1/{device}/readings", body)


@dataclass
class Sector:
    thing: Thing
    stream: Datastream
    crew: Crew
    rule: Rule
    holder: Actor


@pytest.fixture
def store(installation: object) -> Iterator[object]:
    yield telemetry()
    telemetry().close()  # type: ignore[attr-defined]


@pytest.fixture
def sector(town: Any, actor: Callable[..., Actor], store: object) -> Sector:
    """The meter of the Tanneurs sector, held by the syndicat, with an active leak rule."""
    head = actor("head", town.syndicat)
    thing = create_thing(
        head,
        name="Débitmètre Tanneurs",
        domain="water",
        device_id="debit-tanneurs",
        street=town.streets["rue-des-tanneurs"],
        latitude=47.3,
        longitude=0.1,
    )
    flow = property_named("flow", "Débit", "m3/h")
    stream = create_datastream(head, thing, "flow", flow, step=300)
    crew = Crew.objects.create(authority=town.syndicat, name="Eau 2", domain="water")
    crew.members.add(town.syndicat_accounts["field"])
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
            "notice_body": "Une équipe cherche une fuite. L’eau peut être trouble.",
        },
        [stream],
        [town.streets["rue-des-tanneurs"]],
    )
    return Sector(thing, stream, crew, activate(head, rule), head)


@pytest.fixture
def send(sector: Sector) -> Callable[..., list[Message]]:
    """send([values], start) feeds readings every five minutes as MQTT messages, one batch."""
    numbers = iter(range(1, 1_000_000))

    def feed(
        values: list[float], start: datetime = NIGHT, run: bool = True, batch: int = 0
    ) -> list[Message]:
        messages = []
        for place, value in enumerate(values):
            moment = start + timedelta(minutes=5 * place)
            body = json.dumps({"time": moment.isoformat(), "flow": value}).encode()
            messages.append(message(next(numbers), body, round(moment.timestamp() * 1000) + 500))
        for first in range(0, len(messages), batch or len(messages) or 1):
            handle_batch(messages[first : first + (batch or len(messages))])
        if run:
            settle()
        return messages

    return feed


def settle() -> None:
    """Run the consumers of the events, as the worker does; what goes to the hub stays where it is."""
    run_pending()
