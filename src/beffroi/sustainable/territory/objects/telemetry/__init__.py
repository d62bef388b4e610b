"""Where readings are kept: one interface, one implementation per kind of installation."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from .embedded import EmbeddedStore
from .interface import Correction, Readings, StoreUnavailable, TelemetryStore, Written

__all__ = [
    "Correction",
    "EmbeddedStore",
    "Readings",
    "StoreUnavailable",
    "TelemetryStore",
    "Written",
    "telemetry",
]


@cache
def _embedded(folder: str) -> EmbeddedStore:
    return EmbeddedStore(folder)


def telemetry() -> TelemetryStore:
    """The store of this installation."""
    return _embedded(str(settings.BEFFROI.data / "telemetry"))
