"""Asking for an import, and asking it to stop."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from beffroi.base.access.public import Actor
from beffroi.base.audit.public import record
from beffroi.base.outbox.public import announce
from beffroi.base.tasks.public import enqueue

from .importers import Importer
from .models import ImportRun

MOST_BYTES = 300 * 1024 * 1024


def ask(
    actor: Actor,
    importer: Importer,
    upload: UploadedFile,
    options: Mapping[str, str] | None = None,
    files: Mapping[str, UploadedFile] | None = None,
) -> ImportRun:
    """Keeps the uploaded files and puts the import in; a worker runs it."""
    actor.require(importer.permission)
    run = ImportRun(
        authority=actor.authority,
        started_by=actor.account,
        importer=importer.name,
        source_name=_plain_name(upload),
        options=dict(options or {}),
    )
    run.folder.mkdir(parents=True)
    try:
        _keep(upload, run.folder / "source" / run.source_name)
        for name, file in (files or {}).items():
            _keep(file, run.folder / name / _plain_name(file))
        from .tasks import run_import

        with transaction.atomic():
            run.save()
            record(actor, "import.asked", run, importer=importer.name)
            enqueue(run_import, run_id=run.pk)
    except BaseException:
        shutil.rmtree(run.folder, ignore_errors=True)
        raise
    return run


@transaction.atomic
def cancel(actor: Actor, run: ImportRun) -> None:
    """Asks a waiting or running import to stop; without effect on one that has ended."""
    actor.require("imports.run")
    asked = ImportRun.objects.filter(
        pk=run.pk, state__in=[ImportRun.State.WAITING, ImportRun.State.RUNNING]
    ).update(cancel_asked=True)
    if asked:
        record(actor, "import.cancel_asked", run)
        announce([run.topic], {"state": run.state}, private=True)


def _plain_name(upload: UploadedFile) -> str:
    """The name without folders or odd characters: it becomes the name of a file of ours."""
    name = Path(upload.name or "source").name
    kept = "".join(c if c.isalnum() or c in "._- " else "_" for c in name).lstrip(".")
    return kept[-120:] or "source"


def _keep(upload: UploadedFile, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        for chunk in upload.chunks():
            file.write(chunk)
