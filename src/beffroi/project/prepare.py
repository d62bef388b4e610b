"""What stands between a checkout and a running town: messages, browser files, static files, tables.

`python -m beffroi.project.prepare [messages|assets|static|all]`. Each step can be repeated.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def messages() -> int:
    """Compile the translations with babel, so that no gettext has to be installed."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    count = 0
    for source in PACKAGE.rglob("locale/*/LC_MESSAGES/django.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as po:
            catalog = read_po(po, locale=source.parts[-3])
        draft = target.with_suffix(f".{os.getpid()}")
        with draft.open("wb") as mo:
            write_mo(mo, catalog)
        draft.replace(target)
        count += 1
    return count


def assets() -> None:
    from beffroi.project.assets import copy_assets
    from beffroi.project.configuration import Installation

    copy_assets(Installation.from_environment().state)


def static() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beffroi.project.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("collectstatic", interactive=False, verbosity=0)


STEPS = {"messages": messages, "assets": assets, "static": static}


def main(argv: list[str]) -> int:
    wanted = argv or ["all"]
    unknown = [step for step in wanted if step not in {*STEPS, "all"}]
    if unknown:
        sys.stderr.write(
            f"unknown step: {', '.join(unknown)}; choose among {', '.join(STEPS)}, all\n"
        )
        return 2
    for step in STEPS if "all" in wanted else wanted:
        STEPS[step]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
