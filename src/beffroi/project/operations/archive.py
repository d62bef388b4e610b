"""The archive of a backup: a tar file whose first member is a manifest of everything else.

The manifest names each file with its size, its SHA-256 and, for databases, the rows of each
table, so that a restore can prove that it put back what was taken.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath

FORMAT = 1
MANIFEST = "manifest.json"


class BadArchive(Exception):
    """The archive cannot be trusted; the message says which file and why."""


@dataclass
class Entry:
    path: str
    """Place below the data folder, with `/`."""
    size: int
    sha256: str
    mode: int
    rows: dict[str, int] = field(default_factory=dict)


@dataclass
class Manifest:
    made: str
    program: str
    entries: list[Entry] = field(default_factory=list)
    format: int = FORMAT

    def rows(self) -> int:
        return sum(sum(entry.rows.values()) for entry in self.entries)


def count_rows(database: Path) -> dict[str, int]:
    """Rows per table of an SQLite file at rest."""
    connection = sqlite3.connect(f"file:{database}?mode=ro&immutable=1", uri=True)
    try:
        check = connection.execute("PRAGMA quick_check").fetchone()[0]
        if check != "ok":
            raise BadArchive(f"{database.name} : base abîmée ({check})")
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        ).fetchall()
        return {table: _count(connection, table) for (table,) in tables}
    finally:
        connection.close()


def _count(connection: sqlite3.Connection, table: str) -> int:
    quoted = table.replace('"', '""')
    return int(connection.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0])  # noqa: S608 - quoted


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Writer:
    """Collects files in a folder of its own, then writes them as one archive, all or nothing."""

    suffix = ".beffroi.tar"

    def __init__(self, target: Path, made: str, program: str) -> None:
        self._target = target
        self._folder = Path(tempfile.mkdtemp(prefix=".backup-", dir=target.parent))
        self.manifest = Manifest(made, program)

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def place(self, path: str) -> Path:
        """Where to put the copy of a file before `add`."""
        place = self._folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        return place

    def add(self, path: str, database: bool = False) -> None:
        place = self._folder / path
        rows = count_rows(place) if database else {}
        self.manifest.entries.append(
            Entry(path, place.stat().st_size, sha256(place), place.stat().st_mode & 0o777, rows)
        )

    def finish(self) -> Manifest:
        draft = self._folder / "archive"
        with tarfile.open(draft, "w") as archive:
            text = json.dumps(asdict(self.manifest), indent=1, ensure_ascii=False).encode()
            member = tarfile.TarInfo(MANIFEST)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
            for entry in self.manifest.entries:
                archive.add(
                    self._folder / entry.path, arcname=f"data/{entry.path}", recursive=False
                )
        draft.chmod(0o600)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(self._target)
        _sync_folder(self._target.parent)
        return self.manifest


def unpack(source: Path, target: Path) -> Manifest:
    """Put the files of an archive below `target` and check each of them, or raise BadArchive."""
    try:
        with tarfile.open(source, "r:") as archive:
            manifest = _read_manifest(archive)
            expected = {f"data/{entry.path}": entry for entry in manifest.entries}
            for member in archive:
                if member.name == MANIFEST:
                    continue
                entry = expected.pop(member.name, None)
                if entry is None or not member.isfile():
                    raise BadArchive(f"{member.name} : fichier qui n’est pas au sommaire")
                _unpack_one(archive, member, entry, target)
    except tarfile.TarError as error:
        raise BadArchive(f"{source} n’est pas une sauvegarde lisible : {error}") from error
    if expected:
        raise BadArchive(f"il manque {', '.join(sorted(expected))}")
    return manifest


def _read_manifest(archive: tarfile.TarFile) -> Manifest:
    first = archive.next()
    content = archive.extractfile(first) if first is not None and first.name == MANIFEST else None
    if content is None:
        raise BadArchive("le sommaire manque")
    try:
        raw = json.load(content)
        if raw["format"] != FORMAT:
            raise BadArchive(f"format {raw['format']} inconnu, ce programme lit le format {FORMAT}")
        entries = [Entry(**entry) for entry in raw.pop("entries")]
        return Manifest(**raw, entries=entries)
    except (ValueError, KeyError, TypeError) as error:
        raise BadArchive(f"le sommaire est illisible : {error}") from error


def _unpack_one(
    archive: tarfile.TarFile, member: tarfile.TarInfo, entry: Entry, target: Path
) -> None:
    relative = PurePosixPath(entry.path)
    if relative.is_absolute() or ".." in relative.parts:
        raise BadArchive(f"{entry.path} : chemin refusé")
    place = target / relative
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    content = archive.extractfile(member)
    if content is None:
        raise BadArchive(f"{member.name} : fichier illisible")
    with place.open("wb") as file:
        shutil.copyfileobj(content, file)
        file.flush()
        os.fsync(file.fileno())
    place.chmod(entry.mode & 0o700 | 0o600)
    if place.stat().st_size != entry.size or sha256(place) != entry.sha256:
        raise BadArchive(f"{entry.path} : le contenu ne correspond pas à son empreinte")
    if entry.rows and count_rows(place) != entry.rows:
        raise BadArchive(f"{entry.path} : le nombre de lignes ne correspond pas")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
