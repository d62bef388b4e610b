"""Events between rooms: with the change or not at all, once each, in order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from beffroi.base.outbox import registry as outbox_registry
from beffroi.base.outbox import tasks as outbox_tasks
from beffroi.base.outbox.models import Announcement, OutboxEvent
from beffroi.base.outbox.public import announce, consumer, declare_event, emit
from beffroi.base.tasks import registry as tasks_registry
from beffroi.base.tasks.models import Task
from beffroi.base.tasks.public import enqueue, run_pending

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_declarations() -> Iterator[None]:
    tables: list[dict[Any, Any]] = [
        outbox_registry.KINDS,
        outbox_registry.CONSUMERS,
        tasks_registry.TASKS,
        tasks_registry._by_function,
    ]
    kept = [dict(table) for table in tables]
    declare_event("bell_rang", "The bell rang.")
    yield
    for table, before in zip(tables, kept, strict=True):
        table.clear()
        table.update(before)


@pytest.fixture
def heard() -> list[OutboxEvent]:
    events: list[OutboxEvent] = []
    consumer("bell_rang", name="test.hear")(events.append)
    return events


def test_every_consumer_hears_an_event_once(town: Any, heard: list[OutboxEvent]) -> None:
    others: list[OutboxEvent] = []
    consumer("bell_rang", name="test.also")(others.append)
    emit("bell_rang", town.site, strokes=12)
    assert run_pending() == 2
    (event,) = heard
    assert event.subject_kind == "authorities.site"
    assert event.subject_id == town.site.pk
    assert event.authority_id == town.commune.pk
    assert event.payload == {"strokes": 12}
    assert [other.pk for other in others] == [event.pk]
    assert run_pending() == 0


def test_an_event_of_a_change_that_was_undone_is_never_heard(
    town: Any, heard: list[OutboxEvent]
) -> None:
    with transaction.atomic():
        emit("bell_rang", town.site)
        transaction.set_rollback(True)
    assert run_pending() == 0
    assert heard == []


def test_an_undeclared_kind_is_refused(town: Any) -> None:
    with pytest.raises(LookupError, match="declare_event"):
        emit("bell_cracked", town.site)


def test_a_kind_has_one_owner() -> None:
    outbox_registry.KINDS["bell_rang"] = outbox_registry.EventKind("bell_rang", "x", "elsewhere")
    with pytest.raises(ValueError, match="elsewhere"):
        declare_event("bell_rang", "Another bell.")


def test_events_of_one_object_arrive_in_order_even_after_an_error(town: Any) -> None:
    heard: list[int] = []

    @consumer("bell_rang", name="test.stumble")
    def stumble(event: OutboxEvent) -> None:
        if event.payload["stroke"] == 1 and not heard:
            heard.append(0)
            raise RuntimeError("stumbled")
        heard.append(event.payload["stroke"])

    emit("bell_rang", town.site, stroke=1)
    emit("bell_rang", town.site, stroke=2)
    with pytest.raises(RuntimeError, match="stumbled"):
        run_pending()
    assert run_pending() == 0
    Task.objects.filter(tries=1).update(due=timezone.now())
    assert run_pending() == 2
    assert heard == [0, 1, 2]


def test_what_a_consumer_wrote_goes_with_its_error(town: Any) -> None:
    @consumer("bell_rang", name="test.half")
    def half(event: OutboxEvent) -> None:
        announce(["/half"], {})
        raise RuntimeError("half way")

    emit("bell_rang", town.site)
    with pytest.raises(RuntimeError, match="half way"):
        run_pending()
    assert not Announcement.objects.exists()


def test_a_missing_hub_keeps_announcements_waiting(installation: Any) -> None:
    announce(["/notices/vernay"], {"id": 1})
    announce(["/notices/vernay"], {"id": 2})
    assert Task.objects.filter(name="outbox.publish").count() == 1
    assert run_pending() == 1
    assert Announcement.objects.filter(published_at=None).count() == 2
    assert Task.objects.get(name="outbox.publish").tries == 0


def test_old_events_are_removed_unless_somebody_still_has_to_hear_them(
    town: Any, heard: list[OutboxEvent]
) -> None:
    old = timezone.now() - timedelta(days=31)
    for _ in range(3):
        emit("bell_rang", town.site)
        announce(["/x"], {})
    first, second, recent = OutboxEvent.objects.order_by("id")
    OutboxEvent.objects.exclude(pk=recent.pk).update(created_at=old)
    Task.objects.filter(arguments__event_id=first.pk).delete()
    Task.objects.filter(arguments__event_id=second.pk).update(created_at=old)
    Announcement.objects.filter(pk=Announcement.objects.earliest("id").pk).update(published_at=old)
    outbox_tasks.purge()
    assert list(OutboxEvent.objects.order_by("id")) == [second, recent]
    assert Announcement.objects.count() == 2


def test_an_event_removed_meanwhile_is_passed_over(town: Any, heard: list[OutboxEvent]) -> None:
    emit("bell_rang", town.site)
    OutboxEvent.objects.all().delete()
    enqueue("event:test.hear", event_id=0)
    assert run_pending() == 2
    assert heard == []
