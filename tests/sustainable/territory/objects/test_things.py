"""Things, their series and their tokens; what is kept of their readings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from beffroi.base.access.public import Actor, PermissionDenied
from beffroi.base.audit.models import Entry
from beffroi.base.intake.inbox import Inbox
from beffroi.base.intake.public import inbox_path
from beffroi.base.retention.models import Duration
from beffroi.sustainable.territory.objects.actions import (
    create_datastream,
    create_device_token,
    create_thing,
    property_named,
    publish_datastream,
    retire_thing,
    token_hash,
)
from beffroi.sustainable.territory.objects.queries import milliseconds
from beffroi.sustainable.territory.objects.tasks import drop_old_months
from beffroi.sustainable.territory.objects.telemetry import Readings, telemetry

from ..conftest import Sector


def listened_to(device: str) -> str | None:
    inbox = Inbox(inbox_path())
    try:
        return inbox.key_of(device)
    finally:
        inbox.close()


def test_a_token_opens_the_listener_after_the_commit_and_replaces_the_former(
    sector: Sector, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        first = create_device_token(sector.holder, sector.thing)
        assert listened_to("debit-tanneurs") is None
    assert listened_to("debit-tanneurs") == token_hash(first)
    with django_capture_on_commit_callbacks(execute=True):
        second = create_device_token(sector.holder, sector.thing)
    assert listened_to("debit-tanneurs") == token_hash(second) != token_hash(first)
    assert first not in str(Entry.objects.values_list("detail", flat=True))
    with django_capture_on_commit_callbacks(execute=True):
        retire_thing(sector.holder, sector.thing)
    assert listened_to("debit-tanneurs") is None
    with pytest.raises(ValidationError):
        create_device_token(sector.holder, sector.thing)


def test_only_the_holder_manages(sector: Sector, actor: Callable[..., Actor], town: Any) -> None:
    flow = property_named("flow", "Débit", "m3/h")
    for other in (actor("head"), actor("agent", town.syndicat)):
        with pytest.raises(PermissionDenied):
            create_datastream(other, sector.thing, "x", flow)
        with pytest.raises(PermissionDenied):
            publish_datastream(other, sector.stream, True)
        with pytest.raises(PermissionDenied):
            create_device_token(other, sector.thing)


@pytest.mark.parametrize(
    "fields",
    [
        {"device_id": "a/b"}, {"device_id": "#"}, {"device_id": "debit-tanneurs"},
        {"name": "Débitmètre Tanneurs"}, {"latitude": 91.0, "longitude": 0.0}, {"latitude": 47.0}, {"domain": "sea"},
    ],
)  # fmt: skip
def test_an_impossible_thing_is_refused(sector: Sector, fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        create_thing(sector.holder, **{"name": "Nouveau", "domain": "water", **fields})


def test_several_things_may_have_no_device(sector: Sector) -> None:
    for name in ("Bâtiment", "Réservoir"):
        create_thing(sector.holder, name=name, domain="water", device_id=None)


def test_series_get_numbers_of_their_own(sector: Sector) -> None:
    flow = property_named("flow", "Débit", "m3/h")
    other = create_datastream(sector.holder, sector.thing, "secours", flow)
    assert other.number == sector.stream.number + 1
    with pytest.raises(ValidationError):
        create_datastream(sector.holder, sector.thing, "secours", flow)


def test_months_are_dropped_once_no_authority_keeps_them(sector: Sector, town: Any) -> None:
    moment = timezone.now() - timedelta(days=400)
    telemetry().upsert(Readings.of([(1, milliseconds(moment), 1.0)]), 0)
    drop_old_months()
    assert len(telemetry().read(1, 0, 2**52)) == 1
    everybody = [
        town.commune,
        town.other,
        town.epci,
        town.second_epci,
        town.syndicat,
        town.departement,
    ]
    for authority in everybody[1:]:
        Duration.objects.create(authority=authority, kind="objects.Datastream", days=30)
    drop_old_months()
    assert len(telemetry().read(1, 0, 2**52)) == 1
    Duration.objects.create(authority=town.commune, kind="objects.Datastream", days=30)
    drop_old_months()
    assert len(telemetry().read(1, 0, 2**52)) == 0
