"""The mapping file of an import of readings: which column is which series of which thing."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from beffroi.base.authorities.models import Domain
from beffroi.base.imports.public import UnreadableSource


@dataclass(frozen=True, slots=True)
class SeriesMap:
    """One series: a column, or a sum of columns with their signs or factors."""

    terms: tuple[tuple[str, float], ...]
    thing: str
    key: str
    domain: str
    property: str
    label: str
    unit: str
    step: int
    public: bool


@dataclass(frozen=True, slots=True)
class ReadingsMap:
    separator: str
    decimal: str
    encoding: str
    time_column: str
    time_format: str
    zone: ZoneInfo | None
    series: tuple[SeriesMap, ...]
    create: bool
    rules: bool

    @property
    def columns(self) -> list[str]:
        named = [self.time_column, *(name for series in self.series for name, _ in series.terms)]
        return list(dict.fromkeys(named))


def read_map(path: Path) -> ReadingsMap:
    """Raises UnreadableSource, with the entry that is wrong, when the file cannot be understood."""
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise UnreadableSource(
            _("Le fichier de correspondance n’est pas un fichier TOML lisible : %(why)s")
            % {"why": wrong}
        ) from wrong
    file, time = _table(content, "file"), _table(content, "time")
    entries = content.get("series")
    if not isinstance(entries, list) or not entries:
        raise UnreadableSource(
            _("La correspondance ne nomme aucune série : ajoutez une entrée [[series]].")
        )
    return ReadingsMap(
        separator=_text(file, "separator", ""),
        decimal=_text(file, "decimal", ""),
        encoding=_text(file, "encoding", ""),
        time_column=_text(time, "column"),
        time_format=_text(time, "format", ""),
        zone=_zone(_text(time, "zone", "")),
        series=tuple(_series(entry) for entry in entries),
        create=_flag(content, "create", True),
        rules=_flag(content, "rules", False),
    )


def _series(entry: Any) -> SeriesMap:
    if not isinstance(entry, dict):
        raise UnreadableSource(_("Chaque série s’écrit [[series]]."))
    total = entry.get("sum")
    if total is None:
        terms: tuple[tuple[str, float], ...] = ((_text(entry, "column"), 1.0),)
    elif isinstance(total, dict) and total and all(_is_number(factor) for factor in total.values()):
        terms = tuple((name, float(factor)) for name, factor in total.items())
    else:
        raise _wrong("sum")
    domain = _text(entry, "domain", Domain.GENERAL)
    if domain not in Domain.values:
        raise _wrong("domain")
    step = entry.get("step", 900)
    if not isinstance(step, int) or isinstance(step, bool) or not 1 <= step <= 366 * 86_400:
        raise _wrong("step")
    name = _text(entry, "property")
    return SeriesMap(
        terms=terms,
        thing=_text(entry, "thing"),
        key=_text(entry, "key", name),
        domain=domain,
        property=name,
        label=_text(entry, "label", name),
        unit=_text(entry, "unit", ""),
        step=step,
        public=_flag(entry, "public", False),
    )


def _table(content: dict[str, Any], name: str) -> dict[str, Any]:
    table = content.get(name, {})
    if not isinstance(table, dict):
        raise _wrong(name)
    return table


def _text(table: dict[str, Any], name: str, default: str | None = None) -> str:
    value = table.get(name, default)
    if not isinstance(value, str) or (default is None and not value):
        raise _wrong(name)
    return value


def _flag(table: dict[str, Any], name: str, default: bool) -> bool:
    value = table.get(name, default)
    if not isinstance(value, bool):
        raise _wrong(name)
    return value


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError) as unknown:
        raise _wrong("zone") from unknown


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _wrong(name: str) -> UnreadableSource:
    return UnreadableSource(
        _("Correspondance : l’entrée « %(name)s » manque ou n’a pas la bonne forme.")
        % {"name": name}
    )
