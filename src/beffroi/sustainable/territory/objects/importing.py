"""Import of readings from CSV files: years of them, in seconds, as often as one likes."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from numpy.typing import NDArray

from beffroi.base.access.public import Actor
from beffroi.base.imports.public import Importer, Report, UnreadableSource

from .actions import create_datastream, create_thing, property_named
from .engine.csv_columns import Columns, Dialect, numbers, read_columns, sniff
from .engine.local_clock import LocalClock
from .engine.payload import DAY_MS, YEAR_2000_MS
from .engine.written_times import guess_format, read_times
from .ingestion import record_points
from .mapping import ReadingsMap, SeriesMap, read_map
from .models import Datastream, Thing
from .observers import Points
from .telemetry import Readings, StoreUnavailable, telemetry

EPOCHS = {"epoch_s": 1000, "epoch_ms": 1}
# So that somebody who books meanwhile gets a turn at the database.
PAUSE_S = 0.01


class ReadingsImporter(Importer):
    name = "readings"
    title = gettext_lazy("Mesures (CSV)")
    help = gettext_lazy(
        "Un fichier CSV (ou CSV.gz) de mesures, avec un fichier de correspondance qui dit quelle colonne "
        "est quelle série. Recommencer le même import ne double rien."
    )
    options = {"map": gettext_lazy("Fichier de correspondance (TOML)")}
    accepts = ".csv,.gz,.txt"
    permission = "objects.import"

    def run(self, source: Path, actor: Actor, report: Report, **options: Any) -> None:
        actor.require("objects.import")
        if not options.get("map"):
            raise UnreadableSource(_("Donnez aussi le fichier de correspondance (option --map)."))
        mapping = read_map(Path(options["map"]))
        dialect = _dialect(source, mapping)
        streams = [_stream_of(actor, series, mapping.create) for series in mapping.series]
        reader = _Reader(mapping, dialect, streams, mapping.zone or actor.authority.zone, report)
        total = source.stat().st_size
        try:
            for columns in read_columns(source, dialect, mapping.columns):
                report.check()
                reader.take(columns)
                report.progress(columns.done, total)
                time.sleep(PAUSE_S)
        except StoreUnavailable as full:
            raise UnreadableSource(
                _(
                    "Le disque ne garde plus les mesures : %(why)s. Celles déjà lues le sont ; recommencez ensuite."
                )
                % {"why": full}
            ) from full
        except (EOFError, OSError) as broken:
            raise UnreadableSource(
                _("Le fichier s’interrompt : %(why)s. Les lignes déjà lues sont gardées.")
                % {"why": broken}
            ) from broken
        except ValueError as endless:
            raise UnreadableSource(
                _("Une ligne de plus d’un mégaoctet : ce fichier n’est pas un CSV.")
            ) from endless
        report.note(
            _("%(new)s mesures nouvelles, %(corrected)s corrigées, %(known)s déjà connues.")
            % {"new": reader.inserted, "corrected": reader.corrected, "known": reader.known}
        )


class _Reader:
    """Turns the pieces of one file into readings, in the file's order."""

    def __init__(
        self,
        mapping: ReadingsMap,
        dialect: Dialect,
        streams: list[Datastream],
        zone: Any,
        report: Report,
    ) -> None:
        self.mapping, self.dialect, self.streams, self.zone, self.report = (
            mapping,
            dialect,
            streams,
            zone,
            report,
        )
        self.form = mapping.time_format
        self.clock: LocalClock | None = None
        self.latest_allowed = round(time.time() * 1000) + DAY_MS
        self.inserted = self.corrected = self.known = 0

    def take(self, columns: Columns) -> None:
        """Store one piece: readings first, then, in one transaction, what the town makes of them."""
        reasons = {
            "cells": _("Nombre de colonnes différent de l’en-tête."),
            "long": _("Case trop longue."),
        }
        for line, reason in columns.refused:
            self.report.refuse(line, reasons[reason])
        if not len(columns.lines):
            return
        times, good = self._times(columns)
        read = []
        for series in self.mapping.series:
            values, held, good = self._values(columns, series, good)
            read.append((values, held))
        # Only now is it known which rows are good in all their columns: a row is stored whole or not.
        order = np.argsort(times, kind="stable")
        points: dict[Datastream, Points] = {}
        for stream, (values, held) in zip(self.streams, read, strict=True):
            chosen = order[(held & good)[order]]
            if len(chosen):
                points[stream] = Points(times[chosen], values[chosen])
        self._store(points)
        self.report.accept(int((good & np.any([held for _values, held in read], axis=0)).sum()))

    def _times(self, columns: Columns) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        texts = np.char.strip(np.array(columns.cells[self.mapping.time_column], dtype=np.str_))
        if not self.form:
            self.form = guess_format(str(texts[0])) or ""
            if not self.form:
                raise UnreadableSource(
                    _(
                        "La date « %(text)s » n’est pas d’une forme connue : ajoutez time.format au fichier."
                    )
                    % {"text": texts[0]}
                )
        if self.form in EPOCHS:
            stamps, held = numbers(texts.tolist(), ".")
            valid = held & np.isfinite(stamps)
            times = np.where(valid, stamps * EPOCHS[self.form], 0).astype(np.int64)
            exists = np.ones(len(times), np.bool_)
        else:
            read = read_times(texts, self.form)
            valid = read.valid
            if read.offset is not None:
                times, exists = read.wall - read.offset, np.ones(len(valid), np.bool_)
            else:
                times, exists = self._from_wall(read.wall, valid)
        good = self._refuse(columns, valid, np.ones(len(valid), np.bool_), _("Date illisible."))
        good = self._refuse(
            columns, exists, good, _("Heure qui n’existe pas (passage à l’heure d’été).")
        )
        good = self._refuse(columns, times >= YEAR_2000_MS, good, _("Date avant l’an 2000."))
        return times, self._refuse(
            columns, times <= self.latest_allowed, good, _("Date dans le futur.")
        )

    def _from_wall(
        self, wall: NDArray[np.int64], valid: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        written = wall[valid]
        if self.clock is None:
            self.clock = LocalClock(
                self.zone, descending=len(written) > 1 and bool(written[-1] < written[0])
            )
        times, exists = wall.copy(), np.ones(len(wall), np.bool_)
        times[valid], exists[valid] = self.clock.to_utc(written)
        return times, exists

    def _values(
        self, columns: Columns, series: SeriesMap, good: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
        """The values of a series, where it has one, and the rows still good after a look at them."""
        total, held = np.zeros(len(good)), np.ones(len(good), np.bool_)
        for name, factor in series.terms:
            values, present = numbers(columns.cells[name], self.dialect.decimal)
            reason = _("« %(column)s » n’est pas un nombre fini.") % {"column": name}
            good = self._refuse(columns, ~present | np.isfinite(values), good, reason)
            total += factor * values
            held &= present
        return total, held, good

    def _refuse(
        self, columns: Columns, passes: NDArray[np.bool_], good: NDArray[np.bool_], reason: str
    ) -> NDArray[np.bool_]:
        """Refuse the rows, good until now, that do not pass: one reason a row."""
        for line in columns.lines[good & ~passes].tolist():
            self.report.refuse(line, reason)
        return good & passes

    def _store(self, points: dict[Datastream, Points]) -> None:
        if not points:
            return
        written = telemetry().upsert(
            Readings(
                np.concatenate(
                    [np.full(len(p.times), s.number, np.int64) for s, p in points.items()]
                ),
                np.concatenate([p.times for p in points.values()]),
                np.concatenate([p.values for p in points.values()]),
            ),
            round(time.time() * 1000),
        )
        self.inserted += written.inserted
        self.corrected += written.corrected
        self.known += (
            sum(len(p.times) for p in points.values()) - written.inserted - written.corrected
        )
        with transaction.atomic():
            record_points(points, observed=self.mapping.rules)


def _dialect(source: Path, mapping: ReadingsMap) -> Dialect:
    try:
        dialect = sniff(source, mapping.encoding, mapping.separator, mapping.decimal)
    except LookupError as unknown:
        raise UnreadableSource(
            _("Encodage inconnu : %(name)s.") % {"name": mapping.encoding}
        ) from unknown
    except (OSError, EOFError) as broken:
        raise UnreadableSource(
            _("Le fichier ne s’ouvre pas : %(why)s.") % {"why": broken}
        ) from broken
    except ValueError as headless:
        raise UnreadableSource(
            _("La première ligne doit nommer au moins deux colonnes.")
        ) from headless
    missing = [name for name in mapping.columns if name not in dialect.header]
    if missing:
        raise UnreadableSource(
            _("La colonne « %(name)s » n’est pas dans le fichier. Colonnes trouvées : %(found)s.")
            % {"name": missing[0], "found": ", ".join(dialect.header)[:300]}
        )
    return dialect


def _stream_of(actor: Actor, series: SeriesMap, create: bool) -> Datastream:
    """The series that the mapping names, made with its thing when it may be."""
    known = (
        Datastream.objects.select_related("authority", "thing", "observed_property")
        .filter(thing__authority=actor.authority, thing__name=series.thing, key=series.key)
        .first()
    )
    if known is not None:
        return known
    if not create:
        raise UnreadableSource(
            _(
                "La série « %(key)s » de « %(thing)s » n’existe pas, et la correspondance ne permet pas de la créer."
            )
            % {"key": series.key, "thing": series.thing}
        )
    try:
        with transaction.atomic():
            thing = Thing.objects.filter(authority=actor.authority, name=series.thing).first()
            thing = thing or create_thing(actor, name=series.thing, domain=series.domain)
            measured = property_named(series.property, series.label, series.unit)
            return create_datastream(
                actor, thing, series.key, measured, series.unit, series.step, series.public
            )
    except ValidationError as refused:
        raise UnreadableSource(
            _("La série « %(key)s » ne peut pas être créée : %(why)s")
            % {"key": series.key, "why": " ".join(refused.messages)}
        ) from refused
