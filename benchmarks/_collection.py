"""An authority with a given collection of articles, imported as an agent would import it."""

from __future__ import annotations

import gzip
import json
import os
import random
import sys
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from beffroi.base.authorities.models import Authority


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Rows of a .jsonl or .jsonl.gz file."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [json.loads(line) for line in content.decode("utf-8").split("\n") if line.strip()]


@contextmanager
def authority_with(
    kb: Path | None,
    *,
    seed: int = 1,
    shuffle: bool = False,
    drop: float = 0.0,
    keep: Collection[str] = (),
) -> Iterator[Authority]:
    """A new installation in a folder of its own, whose one authority has imported ``kb``.

    ``drop`` leaves out this share of the articles, never those whose id is in ``keep``.
    """
    with tempfile.TemporaryDirectory(prefix="beffroi-bench-") as folder:
        os.environ["BEFFROI_DATA"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beffroi.project.settings")
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connections

        from beffroi.base.authorities.models import Authority
        from beffroi.base.imports import command

        call_command("migrate", verbosity=0)
        authority = Authority.objects.create(
            kind="commune", name="Banc d’essai", slug="banc", is_default=True
        )
        if kb is not None:
            source = _chosen(kb, Path(folder), seed=seed, shuffle=shuffle, drop=drop, keep=keep)
            if command.run(["articles", str(source), "--authority", authority.slug]):
                sys.exit(f"{kb}: nothing could be imported")
        try:
            yield authority
        finally:
            connections.close_all()


def _chosen(
    kb: Path, folder: Path, *, seed: int, shuffle: bool, drop: float, keep: Collection[str]
) -> Path:
    if not shuffle and not drop:
        return kb
    rows = read_lines(kb)
    chance = random.Random(seed)
    if drop:
        free = [row["id"] for row in rows if row["id"] not in keep]
        gone = set(chance.sample(free, min(len(free), round(drop * len(rows)))))
        rows = [row for row in rows if row["id"] not in gone]
    if shuffle:
        chance.shuffle(rows)
    target = folder / "articles.jsonl"
    target.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return target
