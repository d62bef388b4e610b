"""Bring every room's English catalogue up to date with its texts (needs gettext). Then translate what is empty."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src" / "beffroi"


def main(rooms: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beffroi.project.settings")
    os.environ.setdefault("BEFFROI_DATA", tempfile.mkdtemp(prefix="beffroi-messages-"))
    import django
    from django.core.management import call_command

    django.setup()
    for folder in sorted(path.parent for path in SOURCE.rglob("apps.py")):
        if rooms and folder.name not in rooms:
            continue
        (folder / "locale").mkdir(exist_ok=True)
        os.chdir(folder)
        call_command(
            "makemessages",
            locale=["en"],
            no_location=True,
            no_wrap=True,
            no_obsolete=True,
            verbosity=0,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
