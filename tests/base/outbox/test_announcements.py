"""From a commit to an open page: a real worker, a real hub, and a page that listens."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from tests.base.live.conftest import Origin, free_port

from beffroi.base.outbox.models import Announcement
from beffroi.base.outbox.public import announce
from beffroi.base.tasks import registry
from beffroi.base.tasks.public import run_pending
from beffroi.base.tasks.worker import Worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.peer]
TOPIC = "/notices/vernay"


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)


@pytest.fixture
def hub(installation: Any) -> Iterator[Origin]:
    origin = Origin(installation.run, free_port())
    origin.start_live()
    yield origin
    origin.stop()


@pytest.fixture
def worker(installation: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    monkeypatch.setattr(registry, "PERIODS", {})
    made = Worker()
    thread = threading.Thread(target=made.run)
    thread.start()
    yield made
    made.stop()
    thread.join(30)
    assert not thread.is_alive()


def test_open_pages_hear_in_order_what_was_committed(hub: Origin, worker: Worker) -> None:
    page = hub.subscribe(f"topic={TOPIC}")
    for number in range(30):
        with transaction.atomic():
            announce([TOPIC], {"number": number})
    with transaction.atomic():
        announce([TOPIC], {"number": "never"})
        transaction.set_rollback(True)
    announce([TOPIC], {"number": "last"})
    heard = page.events(31)
    assert [json.loads(event.data)["number"] for event in heard] == [*range(30), "last"]
    assert len({event.id for event in heard}) == 31
    page.socket.close()


def test_a_hub_that_was_killed_gets_them_when_it_is_back(hub: Origin, worker: Worker) -> None:
    hub.kill_live()
    announce([TOPIC], {"number": 1})
    announce([TOPIC], {"number": 2})
    hub.start_live()
    page = hub.subscribe(f"topic={TOPIC}", "Last-Event-ID: earliest")
    assert [json.loads(event.data)["number"] for event in page.events(2)] == [1, 2]
    wait_for(lambda: not Announcement.objects.filter(published_at=None).exists())
    page.socket.close()


def test_a_second_delivery_is_heard_once(hub: Origin, installation: Any) -> None:
    page = hub.subscribe(f"topic={TOPIC}")
    announce([TOPIC], {"number": 1})
    run_pending()
    Announcement.objects.update(published_at=None)  # killed before it could note the delivery
    announce([TOPIC], {"number": 2})
    run_pending()
    assert [json.loads(event.data)["number"] for event in page.events(2)] == [1, 2]
    page.socket.close()


def test_one_that_the_hub_refuses_for_good_does_not_hold_up_the_others(
    hub: Origin, installation: Any
) -> None:
    page = hub.subscribe(f"topic={TOPIC}")
    announce([TOPIC], {"too": "large" * 100_000})
    announce([TOPIC], {"number": 2})
    run_pending()
    assert json.loads(page.event().data)["number"] == 2
    first, second = Announcement.objects.order_by("id")
    assert first.refused
    assert not second.refused
    assert second.published_at is not None
    page.socket.close()
