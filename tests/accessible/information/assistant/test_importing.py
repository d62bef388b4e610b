"""Articles come in whole or not at all, and every refusal says why."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.accessible.information.assistant import knowledge
from beffroi.accessible.information.assistant.adapters.articles import ArticleImporter
from beffroi.accessible.information.assistant.adapters.content import Refused
from beffroi.accessible.information.assistant.adapters.pages import front_matter, read_page
from beffroi.accessible.information.assistant.engine.passages import (
    LONGEST_PASSAGE,
    passages_of,
    sections_of,
)
from beffroi.accessible.information.assistant.models import Article, Passage
from beffroi.base.imports.models import ImportRun

from .conftest import FISHING, PASSPORT


def reasons(run: ImportRun) -> dict[int, str]:
    return dict(run.refused_lines.values_list("line", "reason"))


def test_fiches_are_stored_with_their_passages(knows: Callable[..., ImportRun]) -> None:
    run = knows()
    assert (run.state, run.accepted, run.refused) == ("done", 3, 0)
    article = Article.objects.get(external_id="F1")
    assert article.theme == ["Papiers - Citoyenneté", "Passeport"]
    assert article.snapshot == "2021-05"
    lines = [line for passage in article.passages.all() for line in passage.text.split("\n")]
    headings = [passage.heading for passage in article.passages.all()]
    assert "un timbre fiscal de 86 €." in lines
    assert headings == ["Démarche", "Pièces à fournir"]


def test_importing_twice_changes_nothing(knows: Callable[..., ImportRun], town: object) -> None:
    knows()
    before = list(Passage.objects.values_list("pk", "text"))
    version = knowledge.version_of(town.commune)
    run = knows()
    assert run.accepted == 3
    assert list(Passage.objects.values_list("pk", "text")) == before
    assert knowledge.version_of(town.commune) == version


def test_a_changed_fiche_replaces_its_passages_only(
    knows: Callable[..., ImportRun], town: object
) -> None:
    knows()
    kept = Article.objects.get(external_id="F2").passages.get().pk
    knows({**PASSPORT, "text": "Démarche\nAllez en mairie."}, FISHING)
    article = Article.objects.get(external_id="F1")
    assert [passage.text for passage in article.passages.all()] == ["Allez en mairie."]
    assert Article.objects.get(external_id="F2").passages.get().pk == kept
    assert Article.objects.count() == 3
    assert knowledge.version_of(town.commune) == 2


def test_each_broken_line_is_told_and_the_others_are_stored(
    knows: Callable[..., ImportRun],
) -> None:
    run = knows(
        PASSPORT,
        b'{"id": "F7", "text": ',
        b'{"id": "F8", "text": "d\xe9marche"}',
        {"id": "F9"},
        {"id": "F10", "text": "  "},
        {"id": "F11", "text": "Texte.", "url": "javascript:alert(1)"},
        {"id": "F1", "text": "encore"},
        [1, 2],
        FISHING,
    )
    told = reasons(run)
    assert sorted(told) == [2, 3, 4, 5, 6, 7, 8]
    assert "JSON" in told[2]
    assert "UTF-8" in told[3]
    assert "text" in told[4]
    assert "adresse web" in told[6]
    assert "déjà plus haut" in told[7]
    assert (run.accepted, run.refused) == (2, 7)
    assert sorted(Article.objects.values_list("external_id", flat=True)) == ["F1", "F2"]


def test_a_truncated_archive_stores_nothing(
    run_import: Callable[..., ImportRun], actor: Callable[..., object], tmp_path: Path
) -> None:
    whole = gzip.compress(b"\n".join(b'{"id": "F%d", "text": "Bonjour."}' % n for n in range(5000)))
    path = tmp_path / "fiches.jsonl.gz"
    path.write_bytes(whole[: len(whole) // 2])
    run = run_import(ArticleImporter(), path, actor("admin"))
    assert run.state == "failed"
    assert "abîmée" in run.notes[0]
    assert not Article.objects.exists()
    path.write_bytes(whole)
    assert run_import(ArticleImporter(), path, actor("admin")).accepted == 5000


def test_a_cancelled_import_stores_nothing(
    run_import: Callable[..., ImportRun],
    actor: Callable[..., object],
    write_fiches: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = ArticleImporter.run

    def run_after_a_cancel(
        self: ArticleImporter, source: Path, *args: object, **options: object
    ) -> None:
        ImportRun.objects.update(cancel_asked=True)
        asked(self, source, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(ArticleImporter, "run", run_after_a_cancel)
    run = run_import(ArticleImporter(), write_fiches(PASSPORT, FISHING), actor("admin"))
    assert run.state == "cancelled"
    assert not Article.objects.exists()


def test_replacing_removes_what_the_file_no_longer_has(
    run_import: Callable[..., ImportRun],
    actor: Callable[..., object],
    knows: Callable[..., ImportRun],
    write_fiches: Callable[..., Path],
) -> None:
    knows()
    run_import(ArticleImporter(), write_fiches(PASSPORT), actor("admin"), replace="oui")
    assert list(Article.objects.values_list("external_id", flat=True)) == ["F1"]


def test_own_pages_in_many_encodings(
    run_import: Callable[..., ImportRun], actor: Callable[..., object], tmp_path: Path
) -> None:
    folder = tmp_path / "pages"
    (folder / "vie").mkdir(parents=True)
    (folder / "cantine.md").write_text(
        "---\ntitle: Cantine\nurl: https://vernay.example/cantine\nverified_on: 2026-09-01\n---\n"
        "# Cantine\n\nInscription avant le 15.\n\n## Tarifs\n\n- 3 € par repas\n- gratuit pour le personnel\n",
        "utf-8",
    )
    (folder / "vie" / "marche.html").write_bytes(
        "<h1>Le marché</h1><script>alert(1)</script><p onclick='x()'>Le samedi, place du Puits.</p>".encode(
            "cp1252"
        )
    )
    (folder / "utf16.md").write_text("# Piscine\n\nFermée le lundi.\n", "utf-16")
    (folder / "vide.md").write_text("# Rien\n", "utf-8")
    (folder / "date.md").write_text("---\ntitle: X\nverified_on: hier\n---\nTexte.\n", "utf-8")
    (folder / "photo.md").write_bytes(b"\x89PNG\0\0")
    (folder / "notes.txt").write_text("hors sujet", "utf-8")
    run = run_import(ArticleImporter(), folder, actor("admin"))
    assert (run.accepted, run.refused) == (3, 3)
    told = " ".join(reasons(run).values())
    assert "vide.md" in told
    assert "hier" in told
    assert "photo.md" in told
    canteen = Article.objects.get(external_id="cantine.md")
    assert canteen.source == Article.Source.AUTHORITY
    assert canteen.verified_on == dt.date(2026, 9, 1)
    assert [section["heading"] for section in canteen.sections] == ["", "Tarifs"]
    market = Article.objects.get(external_id="vie/marche.html")
    assert market.title == "Le marché"
    assert market.passages.get().text == "Le samedi, place du Puits."
    assert any("Windows-1252" in note for note in run.notes)
    assert Article.objects.filter(title="Piscine").exists()


def test_a_file_of_another_kind_is_refused_whole(
    run_import: Callable[..., ImportRun], actor: Callable[..., object], tmp_path: Path
) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(b"\x89PNG")
    run = run_import(ArticleImporter(), path, actor("admin"))
    assert run.state == "failed"


def test_a_page_says_what_is_wrong_with_it() -> None:
    with pytest.raises(Refused, match="ligne inconnue"):
        front_matter("---\ntitre: Marché\n---\n")
    with pytest.raises(Refused, match="titre"):
        read_page("x.md", "Du texte sans titre.", html=False)
    with pytest.raises(Refused, match="avant de commencer"):
        read_page(
            "x.md",
            "---\nvalid_from: 2026-02-01\nvalid_until: 2026-01-01\n---\n# T\n\nx",
            html=False,
        )


def test_tables_keep_their_cells_apart() -> None:
    page = read_page(
        "t.md", "# Tarifs\n\n| Repas | Prix |\n|---|---|\n| Enfant | 3 € |\n", html=False
    )
    assert page.sections[0].lines == ("Repas · Prix", "Enfant · 3 €")


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=1200),
        max_size=12,
    )
)
def test_every_line_of_a_text_is_in_one_passage(lines: list[str]) -> None:
    text = "\n".join(lines)
    sections = sections_of(text)
    wanted = [line.strip() for line in text.splitlines() if line.strip()]
    kept = [
        line
        for section in sections
        for line in ([section.heading] if section.heading else []) + list(section.lines)
    ]
    assert kept == wanted
    shown = " ".join(line for passage in passages_of(sections) for line in passage.text.split("\n"))
    assert shown.split() == " ".join(line for section in sections for line in section.lines).split()
    for passage in passages_of(sections):
        assert len(passage.text) <= LONGEST_PASSAGE * 1.5 or "\n" not in passage.text
