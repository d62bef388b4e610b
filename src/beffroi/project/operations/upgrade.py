"""Brings the database up to the program: a backup first, then the migrations, then the first town.

`python -m beffroi.project.operations.upgrade` (called by `beffroi up`), `--check` to only look.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from importlib.util import find_spec

from beffroi.project.configuration import Installation, flag
from beffroi.project.operations import stamp


def pending_migrations() -> list[str]:
    """What is to be applied, as `app.0002_name`. Needs a configured Django."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def _has_data() -> bool:
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    return bool(MigrationRecorder(connection).applied_migrations())


def _backup_before_upgrade(installation: Installation) -> None:
    from beffroi.project.operations.archive import Writer
    from beffroi.project.operations.backup import write_backup

    folder = installation.data / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / f"avant-mise-a-jour-{datetime.now(UTC):%Y%m%dT%H%M%SZ}{Writer.suffix}"
    write_backup(installation, target)
    sys.stdout.write(
        f"Sauvegarde faite avant la mise à jour : {target}\n"
        "Pour revenir en arrière : remettez l’ancienne version du programme, puis\n"
        f"  ./run restore {target} --data {installation.data} --replace\n"
    )


def main(argv: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beffroi.project.settings")
    import django

    django.setup()
    from django.core.management import call_command

    installation = Installation.from_environment()
    pending = pending_migrations()
    if argv == ["--check"]:
        sys.stdout.write("".join(f"{name}\n" for name in pending))
        return 3 if pending else 0
    if pending:
        if _has_data():
            _backup_before_upgrade(installation)
        sys.stdout.write(f"Mise à jour de la base : {len(pending)} étapes…\n")
        sys.stdout.flush()
        call_command("migrate", interactive=False, verbosity=0)
    _forget_again()
    status = _plant_first_town()
    if status == 0:
        stamp.write(installation)
    return status


def _forget_again() -> None:
    """After a backup was put back: whoever was erased since it was made."""
    from beffroi.base.people.public import replay_erasures

    erased = replay_erasures()
    if erased:
        sys.stdout.write(
            f"Personnes effacées depuis la sauvegarde, effacées de nouveau : {erased}\n"
        )


def _plant_first_town() -> int:
    from beffroi.base.authorities.models import Authority

    if not flag("BEFFROI_DEMO") or Authority.objects.exists():
        return 0
    if find_spec("beffroi.project.town.command") is None:
        return 0
    from beffroi.project.town.command import run as town

    sys.stdout.write("Installation de la ville de démonstration…\n")
    sys.stdout.flush()
    return town(["plant"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
