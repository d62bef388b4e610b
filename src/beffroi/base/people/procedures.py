"""« Mes démarches »: what each room knows of a signed-in resident, gathered for one page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from .models import Person


@dataclass(frozen=True)
class Procedure:
    kind_label: str
    title: str
    detail: str
    at: dt.datetime
    url: str


_SOURCES: dict[str, Callable[[Person], list[Procedure]]] = {}


def register_procedures(room: str, source: Callable[[Person], list[Procedure]]) -> None:
    _SOURCES[room] = source


def procedures_of(person: Person) -> list[Procedure]:
    found = [procedure for source in _SOURCES.values() for procedure in source(person)]
    return sorted(found, key=lambda procedure: procedure.at, reverse=True)
