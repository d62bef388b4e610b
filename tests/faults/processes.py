"""Programs whose processes are killed, forked from one that has loaded Django already.

It reads commands from its standard input: `start NAME` answers with a process number, `wait PID`
with the exit code (negative: the signal). So a kill and a new start cost milliseconds.
"""

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


def serve() -> None:
    django.setup()
    declare()
    programs = {"work": work, "emit": emit}
    for line in sys.stdin:
        command, argument = line.split()
        if command == "start":
            answer = os.fork()
            if answer == 0:
                os.close(0)
                programs[argument]()
                os._exit(0)
        else:
            answer = os.waitstatus_to_exitcode(os.waitpid(int(argument), 0)[1])
        print(answer, flush=True)  # noqa: T201 - the test reads it


if __name__ == "__main__":
    serve()
