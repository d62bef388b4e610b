"""`beffroi backup FILE`: one archive of everything, while the town runs.

The main database is copied first, then those it points into (inbox, hub log, telemetry): a
position kept in main never lies past the log it reads, and what is newer is read again.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from beffroi.project.configuration import Installation, value
from beffroi.project.operations.archive import BadArchive, Manifest, Writer

DATABASES = ("main.sqlite3", "inbox.sqlite3", "hub.sqlite3")
FOLDERS = ("files", "keys")


def run(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="beffroi backup", description=__doc__)
    parser.add_argument(
        "file", type=Path, help=f"archive à écrire, par exemple ville{Writer.suffix}"
    )
    target = parser.parse_args(argv).file.absolute()
    if target.exists():
        sys.stderr.write(f"{target} existe déjà : choisissez un autre nom.\n")
        return 1
    if not target.parent.is_dir():
        sys.stderr.write(f"Le dossier {target.parent} n’existe pas : créez-le d’abord.\n")
        return 1
    if value("BEFFROI_DATABASE_URL"):
        sys.stderr.write(
            "La base principale est sur PostgreSQL : sauvegardez-la par pg_dump. "
            "Cette archive contient tout le reste.\n"
        )
    try:
        manifest = write_backup(Installation.from_environment(), target)
    except (OSError, sqlite3.Error, BadArchive) as error:
        sys.stderr.write(
            f"La sauvegarde n’est pas faite : {error}\nRien n’a été écrit dans {target}.\n"
        )
        return 1
    sys.stdout.write(
        f"{target} : {len(manifest.entries)} fichiers, {manifest.rows()} lignes, "
        f"{target.stat().st_size / 1e6:.1f} Mo\n"
    )
    return 0


def write_backup(installation: Installation, target: Path) -> Manifest:
    """Copy every persistent file into one archive at `target`, all or nothing."""
    made = datetime.now(UTC).isoformat(timespec="seconds")
    with Writer(target, made, version("beffroi")) as archive:
        for path in _databases(installation.data):
            relative = path.relative_to(installation.data).as_posix()
            _copy_database(path, archive.place(relative))
            archive.add(relative, database=True)
        for path in _files(installation.data):
            relative = path.relative_to(installation.data).as_posix()
            try:
                shutil.copy2(path, archive.place(relative))
            except FileNotFoundError:
                continue  # deleted since the folder was listed
            archive.add(relative)
        return archive.finish()


def _databases(data: Path) -> Iterator[Path]:
    for name in DATABASES:
        if (data / name).exists():
            yield data / name
    yield from sorted((data / "telemetry").glob("*.sqlite3"))
    known = {*DATABASES}
    yield from sorted(path for path in data.glob("*.sqlite3") if path.name not in known)


def _files(data: Path) -> Iterator[Path]:
    """Files that are no databases: what people uploaded, the keys, sealed telemetry, the town's mark."""
    for name in FOLDERS:
        yield from sorted(path for path in (data / name).rglob("*") if path.is_file())
    yield from sorted(path for path in (data / "telemetry").rglob("*.parquet") if path.is_file())
    yield from sorted(data.glob("*.json"))


def _copy_database(source: Path, target: Path) -> None:
    """SQLite's own copy, in one step: page by page it would start again at each commit of others."""
    reading = sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30)
    writing = sqlite3.connect(target)
    try:
        reading.backup(writing, pages=-1)
        writing.execute("PRAGMA journal_mode=DELETE")
    finally:
        writing.close()
        reading.close()
