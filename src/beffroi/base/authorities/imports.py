"""One's own town: the national address base, and maps in GeoJSON or OpenStreetMap extracts."""

from __future__ import annotations

import csv
import gzip
import io
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beffroi.base.access.public import Actor
from beffroi.base.imports.public import Importer, Report, UnreadableSource, register_importer

from .lines import joined, through_doors
from .map_files import Gathered, Refusal, gather_geojson, gather_osm
from .models import Address, Authority, Site, Street
from .queries import in_force, today_in
from .street_names import searchable

BATCH = 2000
LONGEST_LINE = 64 * 1024
REQUIRED = ("numero", "nom_voie", "code_insee", "lon", "lat")


@dataclass(frozen=True)
class Record:
    """One line of the address base, read and found good."""

    line: int
    ban_id: str
    number: int
    suffix: str
    street: str
    authority: Authority
    longitude: float
    latitude: float


class Addresses(Importer):
    """Streets and addresses from the « Base Adresse Nationale » (adresses-XX.csv[.gz])."""

    name = "addresses"
    title = gettext_lazy("Adresses (Base Adresse Nationale)")
    help = gettext_lazy(
        "Fichier CSV de la Base Adresse Nationale, compressé ou non. Les rues et les adresses de la "
        "collectivité et de ses communes membres sont créées ou mises à jour ; le reste est refusé."
    )
    options: ClassVar = {
        "map": gettext_lazy(
            "Fichier TOML : une table [communes] qui donne, pour un code INSEE, la collectivité qui reçoit."
        )
    }
    accepts = ".csv,.gz"

    def run(self, source: Path, actor: Actor, report: Report, **options: Any) -> None:
        communes = _communes(actor.authority, options.get("map"))
        if not communes:
            raise UnreadableSource(
                _(
                    "Cette collectivité n’a pas de code INSEE : donnez-le dans ses réglages, ou un fichier --map."
                )
            )
        total = source.stat().st_size
        seen: dict[tuple[int, str, int, str], int] = {}
        batch: list[Record] = []
        touched: set[int] = set()
        with source.open("rb") as raw:
            for line, row in _rows(raw, source):
                try:
                    record = _record(line, row, communes)
                    key = (
                        record.authority.pk,
                        slugify(record.street),
                        record.number,
                        record.suffix.lower(),
                    )
                    if key in seen:
                        raise Refusal(
                            _("même adresse qu’à la ligne %(line)d") % {"line": seen[key]}
                        )
                    seen[key] = line
                except Refusal as refusal:
                    report.refuse(line, str(refusal))
                    continue
                batch.append(record)
                if len(batch) >= BATCH:
                    touched |= _store(batch, report)
                    batch = []
                    report.progress(raw.tell(), total)
                    report.check()
        touched |= _store(batch, report)
        _draw_missing_lines(touched)
        report.progress(total, total)


def _communes(authority: Authority, map_file: str | Path | None) -> dict[str, Authority]:
    """INSEE code → authority: oneself, one's members in force, and what the map file adds."""
    own = [authority]
    own += [
        m.member
        for m in authority.members.filter(in_force(today_in(authority))).select_related("member")
    ]
    communes = {a.insee: a for a in own if a.insee}
    if map_file:
        try:
            table = tomllib.loads(Path(map_file).read_text("utf-8")).get("communes", {})
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise UnreadableSource(
                _("Fichier --map illisible : %(error)s") % {"error": error}
            ) from error
        slugs = {a.slug: a for a in own}
        for insee, slug in table.items():
            if slug not in slugs:
                raise UnreadableSource(
                    _(
                        "Fichier --map : « %(slug)s » n’est ni cette collectivité ni l’un de ses membres."
                    )
                    % {"slug": slug}
                )
            communes[str(insee)] = slugs[slug]
    return communes


def _rows(raw: io.BufferedReader, source: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Numbered rows; UTF-8 with or without mark, else Windows-1252, decided line by line."""
    stream = gzip.GzipFile(fileobj=raw) if source.suffix == ".gz" else raw
    try:
        reader = csv.reader(map(_decoded, _lines(stream)), delimiter=";", strict=False)
        header = [name.strip().lower() for name in next(reader, [])]
        missing = [name for name in REQUIRED if name not in header]
        if missing:
            raise UnreadableSource(
                _("Ce n’est pas un fichier de la Base Adresse Nationale : il manque %(columns)s.")
                % {"columns": ", ".join(missing)}
            )
        for row in reader:
            if row:
                yield reader.line_num, dict(zip(header, row, strict=False))
    except (OSError, EOFError, csv.Error) as error:
        raise UnreadableSource(
            _("Fichier illisible après ce point : %(error)s. Ce qui précède est enregistré.")
            % {"error": error}
        ) from error


def _lines(stream: io.BufferedIOBase) -> Iterator[bytes]:
    """Lines of a bounded length: a small compressed file may hold one of many gigabytes."""
    while line := stream.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise csv.Error("a line of more than 64 KiB")
        yield line


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def _record(line: int, row: dict[str, str], communes: dict[str, Authority]) -> Record:
    insee = row.get("code_insee", "").strip()
    authority = communes.get(insee)
    if authority is None:
        raise Refusal(
            _("commune %(insee)s (%(name)s) non prévue")
            % {"insee": insee, "name": row.get("nom_commune", "")}
        )
    street = " ".join(row.get("nom_voie", "").split())
    if not searchable(street):
        raise Refusal(_("nom de voie vide"))
    if len(street) > 150:
        raise Refusal(_("nom de voie de plus de 150 caractères"))
    numero = row.get("numero", "").strip()
    if not (numero.isascii() and numero.isdigit() and len(numero) <= 6):
        raise Refusal(_("numéro illisible : « %(value)s »") % {"value": numero[:20]})
    try:
        longitude = float(row.get("lon", "").replace(",", "."))
        latitude = float(row.get("lat", "").replace(",", "."))
    except ValueError:
        raise Refusal(_("coordonnées absentes ou illisibles")) from None
    if not (-180.0 <= longitude <= 180.0 and -90.0 <= latitude <= 90.0):  # False for NaN too
        raise Refusal(_("coordonnées hors du globe"))
    return Record(
        line, row.get("id", "").strip()[:60], int(numero), row.get("rep", "").strip()[:10], street,
        authority, longitude, latitude,
    )  # fmt: skip


@transaction.atomic
def _store(records: list[Record], report: Report) -> set[int]:
    """Create or update a batch; answers the streets it touched."""
    streets: dict[tuple[int, str], Street] = {}
    for record in records:
        key = (record.authority.pk, slugify(record.street))
        if key not in streets:
            streets[key] = _street(record.authority, record.street)
    Address.objects.bulk_create(
        [
            Address(
                street=streets[r.authority.pk, slugify(r.street)], number=r.number, suffix=r.suffix,
                latitude=r.latitude, longitude=r.longitude, ban_id=r.ban_id,
            )
            for r in records
        ],
        update_conflicts=True,
        unique_fields=["street", "number", "suffix"],
        update_fields=["latitude", "longitude", "ban_id"],
    )  # fmt: skip
    report.accept(len(records))
    return {street.pk for street in streets.values()}


def _street(authority: Authority, name: str) -> Street:
    street, _created = Street.objects.get_or_create(
        authority=authority, slug=slugify(name)[:160], defaults={"name": name}
    )
    return street


def _draw_missing_lines(touched: set[int]) -> None:
    for street in Street.objects.filter(pk__in=touched, geometry__isnull=True).prefetch_related(
        "addresses"
    ):
        doors = [
            (a.longitude, a.latitude)
            for a in street.addresses.all()
            if a.longitude is not None and a.latitude is not None
        ]
        line = through_doors(doors)
        if line:
            street.geometry = {"type": "LineString", "coordinates": line}
            street.save(update_fields=["geometry", "search_name"])


class Map(Importer):
    """Streets with their line, from GeoJSON or from an OpenStreetMap extract."""

    name = "map"
    title = gettext_lazy("Plan (GeoJSON ou OpenStreetMap)")
    help = gettext_lazy(
        "GeoJSON : lignes avec une propriété name ou nom (rues), points nommés (lieux) ou numérotés (adresses). "
        "OpenStreetMap : extrait .osm.pbf ou .osm ; les voies nommées, dans les limites de la commune si elles y sont."
    )
    accepts = ".geojson,.json,.pbf,.osm,.xml,.gz,.bz2"

    def run(self, source: Path, actor: Actor, report: Report, **options: Any) -> None:
        gathered = Gathered()
        suffixes = "".join(source.suffixes[-2:]).lower()
        if suffixes.endswith((".geojson", ".json")):
            gather_geojson(source, gathered, report)
        else:
            gather_osm(source, actor.authority.insee, gathered, report)
        report.check()
        _store_map(gathered, actor.authority, report)
        if gathered.outside:
            report.note(
                _("%(count)d voies hors des limites de la commune, laissées de côté.")
                % {"count": gathered.outside}
            )


@transaction.atomic
def _store_map(gathered: Gathered, authority: Authority, report: Report) -> None:
    for done, (slug, pieces) in enumerate(sorted(gathered.pieces.items()), start=1):
        line, left_out = joined(pieces)
        street = _street(authority, gathered.names[slug])
        geometry = {"type": "LineString", "coordinates": line}
        if street.geometry != geometry:
            street.geometry = geometry
            street.save(update_fields=["geometry", "search_name"])
        report.accept()
        if left_out:
            report.note(
                _("%(street)s : %(count)d tronçons éloignés du tracé principal.")
                % {"street": street.name, "count": left_out}
            )
        if done % 500 == 0:
            report.progress(done, len(gathered.pieces))
            report.check()
    for name, number, suffix, longitude, latitude in gathered.doors:
        Address.objects.update_or_create(
            street=_street(authority, name), number=number, suffix=suffix,
            defaults={"longitude": longitude, "latitude": latitude},
        )  # fmt: skip
        report.accept()
    for name, (longitude, latitude) in gathered.sites.items():
        Site.objects.update_or_create(
            authority=authority, name=name, defaults={"longitude": longitude, "latitude": latitude}
        )
        report.accept()


register_importer(Addresses)
register_importer(Map)
