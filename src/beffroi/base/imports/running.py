"""Running one import: the same for a command and for an uploaded file."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from beffroi.base.access.public import Actor
from beffroi.base.audit.public import record
from beffroi.base.outbox.public import announce

from .importers import ImportCancelled, Importer, UnreadableSource
from .models import ImportRun, RefusedLine

log = logging.getLogger(__name__)
MOST_LINES_KEPT = 1000
SECONDS_BETWEEN_SIGNS = 1.0


class RunReport:
    """The report of one run: kept in memory, written down about once a second and at the end.

    Nothing is written inside an importer's transaction: what it says there would vanish with a
    rollback, and nobody could see it before.
    """

    def __init__(
        self,
        run: ImportRun,
        *,
        interval: float = SECONDS_BETWEEN_SIGNS,
        on_sign: Callable[[ImportRun], None] | None = None,
        on_refusal: Callable[[int, str], None] | None = None,
    ) -> None:
        self.run = run
        self._interval = interval
        self._on_sign = on_sign
        self._on_refusal = on_refusal
        self._unwritten: list[RefusedLine] = []
        self._written = 0
        self._last_sign = time.monotonic()
        self._last_look = 0.0
        self._cancelled = False

    @property
    def cancelled(self) -> bool:
        if not self._cancelled and time.monotonic() - self._last_look >= self._interval:
            self._last_look = time.monotonic()
            self._cancelled = ImportRun.objects.filter(pk=self.run.pk, cancel_asked=True).exists()
        return self._cancelled

    def cancel(self) -> None:
        """Stops from the same process: Ctrl-C of the command."""
        self._cancelled = True

    def check(self) -> None:
        if self.cancelled:
            raise ImportCancelled

    def progress(self, done: int, total: int) -> None:
        self.run.done, self.run.total = done, total
        self._sign()

    def accept(self, count: int = 1) -> None:
        self.run.accepted += count

    def refuse(self, line: int, reason: str | Promise) -> None:
        self.run.refused += 1
        if self._written + len(self._unwritten) < MOST_LINES_KEPT:
            self._unwritten.append(RefusedLine(run=self.run, line=line, reason=str(reason)[:500]))
        if self._on_refusal:
            self._on_refusal(line, str(reason))
        self._sign()

    def note(self, message: str | Promise) -> None:
        self.run.notes.append(str(message))

    def _sign(self) -> None:
        due = time.monotonic() - self._last_sign >= self._interval
        if due and not connection.in_atomic_block:
            self.write()

    def write(self) -> None:
        """Writes what is known, and tells the open pages."""
        self._last_sign = time.monotonic()
        self.run.heard_at = timezone.now()
        with transaction.atomic():
            self.run.save(
                update_fields=[
                    "state", "done", "total", "accepted", "refused", "notes", "heard_at", "ended_at",
                ]
            )  # fmt: skip
            RefusedLine.objects.bulk_create(self._unwritten)
            announce([self.run.topic], {"state": self.run.state}, private=True)
        self._written += len(self._unwritten)
        self._unwritten = []
        if self._on_sign:
            self._on_sign(self.run)


def execute(
    run: ImportRun,
    importer: Importer,
    source: Path,
    actor: Actor,
    report: RunReport,
    options: dict[str, object],
) -> ImportRun:
    """Runs the importer from a clean report to an end state; never raises for a bad source.

    Doing it again after a kill starts anew: importers give the same state when run twice.
    """
    run.refused_lines.all().delete()
    run.done = run.total = run.accepted = run.refused = 0
    run.notes = []
    run.state = ImportRun.State.RUNNING
    report.write()
    try:
        report.check()
        importer.run(source, actor, report, **options)
        run.state = ImportRun.State.DONE
    except ImportCancelled:
        run.state = ImportRun.State.CANCELLED
        report.note(_("Arrêté à la demande. Ce qui était déjà enregistré est gardé."))
    except UnreadableSource as unreadable:
        run.state = ImportRun.State.FAILED
        report.note(str(unreadable))
    except Exception:
        log.exception("import %s of %s failed", run.ref, run.importer)
        run.state = ImportRun.State.FAILED
        report.note(
            _(
                "L’import s’est arrêté sur une erreur du logiciel. Ce qui était déjà enregistré "
                "est gardé ; vous pouvez relancer l’import."
            )
        )
    run.ended_at = timezone.now()
    with transaction.atomic():
        report.write()
        record(
            actor,
            f"import.{run.state}",
            run,
            importer=run.importer,
            accepted=run.accepted,
            refused=run.refused,
        )
    return run
