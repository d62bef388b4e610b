"""What lets a second start skip the look at the migrations, which costs a second of Django.

A mark in the data folder names the migrations that were all applied. It is neither saved nor
restored, so a folder that was put back is looked at again.
"""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path

from beffroi.project.configuration import Installation, flag, value

PACKAGE = Path(__file__).resolve().parents[2]
NAME = "migrated"
WITH_MIGRATIONS = ("django", "django-axes", "django-otp")


def is_current(installation: Installation) -> bool:
    """Whether this very program has already prepared this very database."""
    if value("BEFFROI_DATABASE_URL") or not (installation.data / "main.sqlite3").exists():
        return False
    try:
        return (installation.data / NAME).read_text() == _mark()
    except OSError:
        return False


def write(installation: Installation) -> None:
    (installation.data / NAME).write_text(_mark())


def _mark() -> str:
    parts = [f"{name} {version(name)}" for name in WITH_MIGRATIONS]
    parts += sorted(str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("migrations/*.py"))
    parts.append(f"demo {flag('BEFFROI_DEMO')}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
