"""Programs of these tests, run in processes that are killed: `python -m tests.faults.processes NAME`."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import django


def declare() -> None:
    """Tasks and consumers whose effects can be counted, in tables that exist anyway."""
    from django.db.models import F

    from beffroi.base.intake.models import Position
    from beffroi.base.outbox.public import OutboxEvent, consumer, declare_event
    from beffroi.base.tasks.public import task

    @task("test.once", tries=1000, first_wait=0.01, atomic=True)
    def once(number: int) -> None:
        """An effect that would show if it happened twice."""
        Position.objects.get_or_create(handler=f"once:{number}")
        Position.objects.filter(handler=f"once:{number}").update(number=F("number") + 1)

    @task("test.again", tries=1000, first_wait=0.01)
    def again(number: int) -> None:
        """An effect that may happen again, as tasks that leave the machine must bear."""
        time.sleep(0.002)
        (Path(os.environ["BEFFROI_DATA"]) / "files" / str(number)).touch()

    declare_event("test_happened", "Something happened.")

    @consumer("test_happened", name="test.count", tries=1000)
    def count(event: OutboxEvent) -> None:
        Position.objects.filter(pk=event.subject_id).update(number=F("number") + 1)


def work() -> None:
    from beffroi.base.tasks.worker import Worker

    Worker(threads=2).run()


def emit() -> None:
    """One change and its event per transaction, for ever."""
    from django.db import transaction

    from beffroi.base.intake.models import Position
    from beffroi.base.outbox.public import emit as emit_event

    start = Position.objects.count()
    for number in range(start, start + 1_000_000):
        with transaction.atomic():
            changed = Position.objects.create(handler=f"changed:{number}")
            emit_event("test_happened", changed)


if __name__ == "__main__":
    django.setup()
    declare()
    {"work": work, "emit": emit}[sys.argv[1]]()
