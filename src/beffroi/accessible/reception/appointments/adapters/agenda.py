"""Import of an agenda in the `creneaux` format: compressed CSV files of agents, reasons, openings,
appointments and absences (see docs/appointments.md).

The whole source is read and judged first, then written in one transaction per kind of record.
Records are known again by their number in the source, so that a second run changes nothing.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beffroi.base.access.public import Actor
from beffroi.base.imports.public import Importer, Report, UnreadableSource

from .agenda_store import Store
from .values import parse_day

COLUMNS = {
    "motifs": ("motif", "duree_min"),
    "agents": ("agent", "lieu"),
    "plages_ouverture": ("plage", "agent", "lieu", "jour_semaine_iso", "debut", "fin"),
    "plages_motifs": ("plage", "motif"),
    "absences": ("absence", "agent", "premier_jour", "dernier_jour"),
    "rdvs": ("rdv", "agent", "motif", "jour", "debut", "fin", "statut"),
}
STEP = 20_000
#: The service that receives, unless another is named: a name of data, the same in every language.
SERVICE = "Accueil"


class Agenda(Importer):
    name: ClassVar[str] = "agenda"
    title: ClassVar[str | Promise] = gettext_lazy("Agendas, plages d’ouverture et rendez-vous")
    help: ClassVar[str | Promise] = gettext_lazy(
        "Dossier de fichiers CSV (compressés ou non) : agents, motifs, plages_ouverture, plages_motifs, "
        "rdvs, absences."
    )
    options: ClassVar[dict[str, str | Promise]] = {
        "service": gettext_lazy("Nom du service qui reçoit ; « Accueil » par défaut.")
    }

    def run(self, source: Path, actor: Actor, report: Report, **options: Any) -> None:
        actor.require("imports.run")
        files = {name: _rows(source, name) for name in COLUMNS}
        store = Store(actor, str(options.get("service") or SERVICE), report)
        store.earliest = _earliest(files["rdvs"])
        total = sum(len(rows) for rows in files.values())
        done = 0
        for name, write in (
            ("motifs", store.reasons),
            ("agents", store.agents),
            ("plages_ouverture", store.openings),
            ("plages_motifs", store.served_reasons),
            ("absences", store.absences),
            ("rdvs", store.appointments),
        ):
            rows = files[name]
            for start in range(0, max(len(rows), 1), STEP):
                report.check()
                write(rows[start : start + STEP])
                report.progress(done + min(start + STEP, len(rows)), total)
            done += len(rows)
        store.finish()


def _rows(source: Path, name: str) -> list[tuple[int, dict[str, str]]]:
    """(line number, values) of one file; a file that lacks a column cannot be read at all."""
    path = next(
        (p for p in (source / f"{name}.csv.gz", source / f"{name}.csv") if p.exists()), None
    )
    if path is None:
        raise UnreadableSource(_("Il manque le fichier %(name)s.csv.gz.") % {"name": name})
    try:
        return list(_read(path, COLUMNS[name]))
    except (OSError, UnicodeDecodeError, csv.Error) as unreadable:
        raise UnreadableSource(
            _("Le fichier %(name)s ne se lit pas : %(reason)s")
            % {"name": path.name, "reason": unreadable}
        ) from unreadable


def _read(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as text:
        reader = csv.reader(text)
        header = next(reader, [])
        missing = [column for column in columns if column not in header]
        if missing:
            raise UnreadableSource(
                _("Le fichier %(name)s n’a pas la colonne %(columns)s.")
                % {"name": path.name, "columns": ", ".join(missing)}
            )
        for row in reader:
            if row:
                yield reader.line_num, dict(zip(header, row, strict=False))


def _earliest(rows: list[tuple[int, dict[str, str]]]) -> dt.date | None:
    """The first day on which somebody comes."""
    days = set()
    for text in {values.get("jour", "") for _line, values in rows}:
        with suppress(ValueError):
            days.add(parse_day(text))
    return min(days, default=None)
