from __future__ import annotations

import shutil
from pathlib import Path

from django.utils import translation

from beffroi.base.access.public import Actor, actor_of_account
from beffroi.base.tasks.public import task

from .importers import importer
from .models import ImportRun
from .running import RunReport, execute


@task("imports.run", tries=3)
def run_import(run_id: int) -> None:
    """Runs one import that was asked for on the page."""
    run = (
        ImportRun.objects.select_related("authority", "started_by__person")
        .filter(pk=run_id)
        .first()
    )
    kind = importer(run.importer) if run else None
    if run is None or kind is None or run.is_over:
        return
    options: dict[str, object] = dict(run.options)
    for name in kind.options:
        if name in kind.file_options and (run.folder / name).is_dir():
            options[name] = str(_only_file(run.folder / name))
    language = run.started_by.person.language if run.started_by and run.started_by.person else "fr"
    with translation.override(language or "fr"):
        execute(run, kind, _only_file(run.folder / "source"), _actor(run), RunReport(run), options)
    shutil.rmtree(run.folder, ignore_errors=True)


def _actor(run: ImportRun) -> Actor:
    if run.started_by is not None:
        return actor_of_account(run.started_by, run.authority)
    return Actor.system(run.authority, "import")


def _only_file(folder: Path) -> Path:
    return next(path for path in folder.iterdir() if path.is_file())
