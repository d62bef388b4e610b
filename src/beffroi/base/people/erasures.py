"""Who was erased, remembered beside the database by random keys: a backup put back holds these
persons again, and must forget them again.

The file is not part of a backup, which would bring back an older one, and a restore leaves it.
"""

from __future__ import annotations

import os
from pathlib import Path
from uuid import UUID

from django.conf import settings

from .models import Person

NAME = "erased"


def note_erasure(key: UUID) -> None:
    """Add a key; durable on return. Call it after the commit: a person who was kept must stay."""
    descriptor = os.open(_path(), os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, f"{key}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replay_erasures() -> int:
    """Erase again whoever came back; returns how many."""
    from .personal import erase_person

    if not _path().exists():
        return 0
    keys = _path().read_text().split()
    erased = 0
    for start in range(0, len(keys), 500):
        for person in Person.objects.filter(key__in=keys[start : start + 500]):
            erase_person(person)
            erased += 1
    return erased


def _path() -> Path:
    path: Path = settings.BEFFROI.data / NAME
    return path
