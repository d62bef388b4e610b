"""What other rooms may use of objects."""

from __future__ import annotations

from .annotations import register_annotator
from .models import Datastream, ObservedProperty, Thing, ThingState
from .observers import Points, register_observer
from .queries import chart_of_stream, readings_of
from .telemetry import Readings, telemetry
from .units import readable, said_duration, spoken_unit

__all__ = [
    "Datastream",
    "ObservedProperty",
    "Points",
    "Readings",
    "Thing",
    "ThingState",
    "chart_of_stream",
    "readable",
    "readings_of",
    "register_annotator",
    "register_observer",
    "said_duration",
    "spoken_unit",
    "telemetry",
]  # fmt: skip
