"""`beffroi restore FILE --data DIR`: put an archive back, verified by hashes and counts."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from beffroi.project.operations.archive import BadArchive, unpack
from beffroi.project.operations.up import CannotStart, lock_data

PRESERVED = ("backups", "logs", "erased")
"""Left where they are by --replace: the archive itself may lie there, and the next start erases
again the persons whose keys are in `erased`."""


def run(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="beffroi restore", description=__doc__)
    parser.add_argument("file", type=Path, help="l’archive écrite par beffroi backup")
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="dossier de données à remplir"
    )
    parser.add_argument(
        "--replace", action="store_true", help="remplace le contenu d’un dossier non vide"
    )
    options = parser.parse_args(argv)
    try:
        return restore(options.file.absolute(), options.data.absolute(), options.replace)
    except (BadArchive, CannotStart, OSError) as error:
        sys.stderr.write(
            f"La restauration n’est pas faite : {error}\nLe dossier {options.data} n’a pas changé.\n"
        )
        return 1


def restore(source: Path, data: Path, replace: bool) -> int:
    """Unpack beside, verify everything, then exchange: the old content stays until the new is whole."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    occupied = any(path.name != "run" for path in data.iterdir())
    if occupied and not replace:
        raise BadArchive(f"{data} n’est pas vide (ajoutez --replace pour remplacer son contenu)")
    (data / "run").mkdir(mode=0o700, exist_ok=True)
    lock = lock_data(data, patience=0.5)
    fresh = Path(tempfile.mkdtemp(prefix=f".{data.name}-", dir=data.parent))
    try:
        manifest = unpack(source, fresh)
        _exchange(data, fresh)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        os.close(lock)
    sys.stdout.write(
        f"{data} : {len(manifest.entries)} fichiers et {manifest.rows()} lignes du {manifest.made} "
        f"(programme {manifest.program}), vérifiés un à un.\n"
    )
    return 0


def _exchange(data: Path, fresh: Path) -> None:
    """Move the old content aside and the new in; when a move fails, all goes back."""
    old = Path(tempfile.mkdtemp(prefix=f".{data.name}-old-", dir=data.parent))
    moves = [
        (path, old / path.name) for path in data.iterdir() if path.name not in {*PRESERVED, "run"}
    ]
    moves += [(path, data / path.name) for path in fresh.iterdir()]
    done: list[tuple[Path, Path]] = []
    try:
        for origin, target in moves:
            origin.replace(target)
            done.append((origin, target))
    except OSError:
        for origin, target in reversed(done):
            target.replace(origin)
        old.rmdir()
        raise
    shutil.rmtree(old)
