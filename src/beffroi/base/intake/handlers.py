"""Who deals with the messages of the inbox, and how far each has come."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db.models import Value
from django.db.models.functions import Greatest

from beffroi.base.intake.inbox import Message
from beffroi.base.intake.models import Position

Handler = Callable[[Sequence[Message]], int]

HANDLERS: dict[str, Handler] = {}


def register_handler(handler: Handler, name: str = "") -> None:
    """Hand every message of the inbox, in order and in batches, to `handler`.

    It does its durable work, calls `advance(name, last)` in its transaction, and returns the
    number of the last message it dealt with: those after it come again. The same messages may
    come twice (a kill in between). An exception is tried again; a message that always raises
    is put aside, a database or disk that refuses is waited for.
    name: of its position; by default its room's name.
    """
    HANDLERS[name or handler.__module__.split(".")[-2]] = handler


def position(name: str) -> int:
    """Number of the last message the handler dealt with."""
    found = Position.objects.filter(handler=name).values_list("number", flat=True).first()
    return found or 0


def advance(name: str, number: int) -> None:
    """Move a handler's position to `number`, never back. Inside the handler's transaction."""
    if Position.objects.filter(handler=name, number__gte=number).exists():
        return
    moved = Position.objects.filter(handler=name).update(number=Greatest("number", Value(number)))
    if not moved:
        Position.objects.update_or_create(handler=name, defaults={"number": number})
