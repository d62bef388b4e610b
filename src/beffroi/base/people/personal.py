"""Export and erasure of a person over all rooms (RGPD, art. 15, 17 and 20).

Each room that keeps personal data has a module `personal_data.py` with `export(person)` and
`erase(person)`; it is found by name when the applications start.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol

from django.apps import apps
from django.db import transaction

from .erasures import note_erasure
from .models import Person


class PersonalData(Protocol):
    def export(self, person: Person) -> object: ...

    def erase(self, person: Person) -> None: ...


_EXTRA: dict[str, tuple[Callable[[Person], object], Callable[[Person], None]]] = {}


def register_personal_data(
    room: str, export: Callable[[Person], object], erase: Callable[[Person], None]
) -> None:
    _EXTRA[room] = (export, erase)


def _sources() -> dict[str, tuple[Callable[[Person], object], Callable[[Person], None]]]:
    found = dict(_EXTRA)
    for config in apps.get_app_configs():
        if config.name.startswith("beffroi.") and find_spec(f"{config.name}.personal_data"):
            module = import_module(f"{config.name}.personal_data")
            found[config.label] = (module.export, module.erase)
    return found


def export_person(person: Person) -> dict[str, object]:
    """All that is kept about a person, by room, in plain JSON values."""
    return {room: export(person) for room, (export, _) in sorted(_sources().items())}


@transaction.atomic
def erase_person(person: Person) -> None:
    """Erase a person everywhere. Traces keep a key that leads nowhere any more."""
    key = person.key
    for room, (_, erase) in sorted(_sources().items()):
        if room != "people":
            erase(person)
    _sources()["people"][1](person)
    transaction.on_commit(lambda: note_erasure(key))
