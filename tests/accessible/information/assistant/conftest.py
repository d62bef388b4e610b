"""A small collection of articles, written for these tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from beffroi.base.imports.models import ImportRun
from beffroi.base.imports.public import Importer
from beffroi.base.imports.running import RunReport, execute

PASSPORT = {
    "id": "F1",
    "title": "Renouvellement du passeport d'un majeur",
    "theme": ["Papiers - Citoyenneté", "Passeport", "Autre"],
    "url": "https://www.service-public.fr/particuliers/vosdroits/F1",
    "snapshot": "2021-05",
    "text": (
        "Démarche\nVous devez prendre rendez-vous en mairie. La mairie peut être éloignée de votre domicile.\n"
        "Pièces à fournir\nVous devez fournir :\nvotre ancien passeport,\nune photo d'identité de moins de 6 mois,\n"
        "un timbre fiscal de 86 €."
    ),
}
FISHING = {
    "id": "F2",
    "title": "Carte de pêche",
    "theme": ["Loisirs", "Pêche"],
    "url": "https://www.service-public.fr/particuliers/vosdroits/F2",
    "snapshot": "2021-05",
    "text": "Conditions\nVous devez avoir une carte de pêche pour pêcher en rivière.\nLa carte s'achète en ligne.",
}
WASTE = {
    "id": "F3",
    "title": "Collecte des encombrants",
    "theme": ["Logement", "Déchets"],
    "url": "",
    "snapshot": "",
    "text": "La collecte des encombrants a lieu le premier mardi du mois.\nSortez-les la veille au soir.",
}


@pytest.fixture
def run_import(town: object) -> Callable[..., ImportRun]:
    """run_import(importer, path, actor): the run after the import, as the command does it."""

    def run(importer: Importer, source: Path, actor: object, **options: object) -> ImportRun:
        trace = ImportRun.objects.create(
            authority=actor.authority,  # type: ignore[attr-defined]
            importer=importer.name,
            source_name=source.name,
        )
        return execute(trace, importer, source, actor, RunReport(trace, interval=0), options)  # type: ignore[arg-type]

    return run


@pytest.fixture
def write_fiches(tmp_path: Path) -> Callable[..., Path]:
    def write(*rows: object, name: str = "fiches.jsonl") -> Path:
        path = tmp_path / name
        lines = [
            row if isinstance(row, bytes) else json.dumps(row, ensure_ascii=False).encode()
            for row in rows
        ]
        path.write_bytes(b"\n".join(lines) + b"\n")
        return path

    return write


@pytest.fixture
def knows(
    actor: Callable[..., object],
    run_import: Callable[..., ImportRun],
    write_fiches: Callable[..., Path],
) -> Callable[..., ImportRun]:
    """knows(): the commune's assistant has the three articles; knows(row, …) those given."""
    from beffroi.accessible.information.assistant.adapters.articles import ArticleImporter

    def learn(*rows: object, authority: object = None) -> ImportRun:
        path = write_fiches(*(rows or (PASSPORT, FISHING, WASTE)))
        return run_import(ArticleImporter(), path, actor("admin", authority))

    return learn
