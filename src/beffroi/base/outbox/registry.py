"""Kinds of events and who consumes them, filled when the rooms' events.py are imported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from beffroi.base.outbox.models import OutboxEvent
from beffroi.base.tasks.public import task

Handler = Callable[[OutboxEvent], None]


@dataclass(frozen=True)
class EventKind:
    name: str
    description: str
    declared_in: str


@dataclass(frozen=True)
class Consumer:
    kind: str
    name: str
    handler: Handler

    @property
    def task_name(self) -> str:
        return f"event:{self.name}"


KINDS: dict[str, EventKind] = {}
CONSUMERS: dict[str, list[Consumer]] = {}


def declare_event(kind: str, description: str) -> None:
    """Declare a kind of event, in the events.py of the room that emits it.

    kind: what happened, in the past tense (`notice_published`); description: one sentence.
    """
    import inspect

    caller = inspect.stack()[1].frame.f_globals["__name__"]
    known = KINDS.get(kind)
    if known is not None and known.declared_in != caller:
        raise ValueError(f"Event kind {kind!r} is declared in {known.declared_in} already")
    KINDS[kind] = EventKind(kind, description, caller)


def consumer(kind: str, name: str, tries: int = 8) -> Callable[[Handler], Handler]:
    """Call a function for each event of a kind, in the worker: `fn(event)`.

    Its database work and the note that the event is dealt with are one transaction: it
    happens exactly once, and events about one object arrive in order. No network inside: what
    must leave the machine is put in as a task. name: `room.purpose`, unique.
    """

    def register(handler: Handler) -> Handler:
        declared = Consumer(kind, name, handler)

        def deliver(event_id: int) -> None:
            event = OutboxEvent.objects.select_related("authority").filter(pk=event_id).first()
            if event is not None:
                handler(event)

        deliver.__module__, deliver.__qualname__ = handler.__module__, handler.__qualname__
        deliver.__doc__ = handler.__doc__
        task(declared.task_name, tries=tries, urgent=True, atomic=True, first_wait=0.5)(deliver)
        others = [known for known in CONSUMERS.get(kind, []) if known.name != name]
        CONSUMERS[kind] = [*others, declared]
        return handler

    return register
