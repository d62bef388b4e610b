from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, QuerySet
from django.utils import timezone

from beffroi.base.live import client
from beffroi.base.outbox.models import Announcement, OutboxEvent
from beffroi.base.tasks.models import Task
from beffroi.base.tasks.public import TryLater, every, task

log = logging.getLogger(__name__)
KEPT = timedelta(days=30)
_BATCH = 200
_HUB_PAUSE = 0.3


def hub_socket() -> Path:
    path: Path = settings.BEFFROI.run / "live.sock"
    return path


@task("outbox.publish", tries=1000, urgent=True, first_wait=0.2, longest_wait=5.0)
def publish_announcements() -> None:
    """Bring the waiting announcements to the hub, in order.

    Its key lets one run at a time, so the order holds with any number of workers.
    """
    while waiting := list(Announcement.objects.filter(published_at=None).order_by("id")[:_BATCH]):
        published: list[int] = []
        try:
            for announcement in waiting:
                _publish(announcement)
                published.append(announcement.pk)
        finally:
            if published:
                done = Announcement.objects.filter(pk__in=published)
                done.update(published_at=timezone.now())


def _publish(announcement: Announcement) -> None:
    try:
        client.publish(
            hub_socket(),
            announcement.topics,
            # An event does not carry its topic: an open page reads here which part of it to fetch again.
            json.dumps(
                {"topics": announcement.topics, **announcement.data},
                cls=DjangoJSONEncoder,
                ensure_ascii=False,
            ),
            id=f"urn:uuid:{announcement.reference}",
            private=announcement.private,
        )
    except client.HubUnreachable as error:
        raise TryLater(f"the hub does not answer: {error}", _HUB_PAUSE) from error
    except client.HubRefused as error:
        if error.status >= 500:
            raise TryLater(f"the hub is unwell: {error}", _HUB_PAUSE) from error
        # It will never be taken, and those behind it must pass.
        announcement.refused = str(error)[:500]
        announcement.save(update_fields=["refused"])
        log.error("the hub refused announcement %d: %s", announcement.pk, error)


@every("outbox.purge", seconds=3600)
def purge() -> None:
    """Remove events and announcements that were delivered more than 30 days ago."""
    before = timezone.now() - KEPT
    undelivered = Task.objects.filter(name__startswith="event:", created_at__lt=before)
    needed = [task.arguments["event_id"] for task in undelivered]
    _delete_in_steps(
        lambda: OutboxEvent.objects.filter(created_at__lt=before).exclude(pk__in=needed)
    )
    _delete_in_steps(lambda: Announcement.objects.filter(published_at__lt=before))


def _delete_in_steps(found: Callable[[], QuerySet[Model]]) -> None:
    """A few rows per transaction: others write in between."""
    while keys := list(found().values_list("pk", flat=True)[:500]):
        found().filter(pk__in=keys).delete()
