"""What rooms above draw on the chart of a series: levels of their rules, events of their findings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from beffroi.base.access.public import Actor
from beffroi.base.design.charts import Event, Threshold

from .models import Datastream

Annotations = tuple[list[Threshold], list[Event]]
Annotator = Callable[[Datastream, datetime, datetime, Actor], Annotations]
_ANNOTATORS: list[Annotator] = []


def register_annotator(annotator: Annotator) -> None:
    """Let a room draw on charts: `annotator(stream, start, end, actor)`, for what the actor may see."""
    if annotator not in _ANNOTATORS:
        _ANNOTATORS.append(annotator)


def annotations_of(stream: Datastream, start: datetime, end: datetime, actor: Actor) -> Annotations:
    levels: list[Threshold] = []
    events: list[Event] = []
    for annotator in _ANNOTATORS:
        more_levels, more_events = annotator(stream, start, end, actor)
        levels += more_levels
        events += more_events
    return levels, events
