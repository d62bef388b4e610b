"""`beffroi import articles`: fiches of service-public.fr, and the authority's own pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beffroi.base.access.public import Actor
from beffroi.base.imports.public import Importer, Report, UnreadableSource

from ..models import Article
from ..storing import store_articles
from .content import LONGEST_TEXT, ArticleContent, Refused
from .fiches import numbered_lines, read_fiche
from .pages import HTML_SUFFIXES, MARKDOWN_SUFFIXES, read_page
from .texts import NotText, decode

PAGE_SUFFIXES = MARKDOWN_SUFFIXES | HTML_SUFFIXES
LINE_SUFFIXES = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")
EVERY = 50
"""Records between two signs of life."""


class ArticleImporter(Importer):
    """Reads everything first, then swaps: a question never meets half an import."""

    name = "articles"
    title = gettext_lazy("Fiches et pages de l’assistant")
    help = gettext_lazy(
        "Fiches de service-public.fr (JSON par ligne, .jsonl ou .jsonl.gz), ou vos propres pages : "
        "un fichier Markdown ou HTML ou, par la commande, un dossier de ces fichiers."
    )
    options = {
        "replace": gettext_lazy("« oui » retire les textes de même source absents de ce fichier")
    }
    accepts = ".jsonl,.gz,.ndjson,.md,.markdown,.html,.htm"
    permission = "imports.run"

    def run(self, source: Path, actor: Actor, report: Report, **options: Any) -> None:
        """Raises UnreadableSource when nothing of the source can be read."""
        if source.is_file() and source.name.lower().endswith(LINE_SUFFIXES):
            kind, read = Article.Source.SERVICE_PUBLIC, _fiches(source, report)
        elif source.is_dir() or source.suffix.lower() in PAGE_SUFFIXES:
            kind, read = Article.Source.AUTHORITY, _pages(source, report)
        else:
            raise UnreadableSource(
                _("Ce fichier n’est ni .jsonl, ni Markdown, ni HTML. Rien n’a été enregistré.")
            )
        contents: dict[str, ArticleContent] = {}
        for line, content in read:
            if content.external_id in contents:
                report.refuse(line, _("la fiche « %s » est déjà plus haut") % content.external_id)
            else:
                contents[content.external_id] = content
        report.check()
        replace = str(options.get("replace", "")).lower() in {"oui", "yes", "1", "true"}
        stored = store_articles(actor, kind, list(contents.values()), replace=replace)
        report.accept(len(contents))
        report.note(
            _(
                "%(new)d nouvelles, %(changed)d modifiées, %(same)d inchangées, %(removed)d retirées."
            )
            % {
                "new": stored.new,
                "changed": stored.changed,
                "same": stored.same,
                "removed": stored.removed,
            }
        )


def _fiches(source: Path, report: Report) -> Iterator[tuple[int, ArticleContent]]:
    size = 0
    for count, (number, line) in enumerate(numbered_lines(source)):
        if count % EVERY == 0:
            report.check()
            report.progress(count, 0)
        size = count + 1
        try:
            yield number, read_fiche(line)
        except Refused as reason:
            report.refuse(number, _("fiche refusée : %s") % reason)
    report.progress(size, size)


def _pages(source: Path, report: Report) -> Iterator[tuple[int, ArticleContent]]:
    """The line of a page is its rank in the folder: its name is what tells it."""
    folder = source if source.is_dir() else source.parent
    paths = [source] if source.is_file() else _page_files(source)
    if not paths:
        raise UnreadableSource(_("Ce dossier ne contient aucune page Markdown ou HTML."))
    for number, path in enumerate(paths, start=1):
        report.check()
        name = path.relative_to(folder).as_posix()
        try:
            content, guessed = _page(name, path)
        except (Refused, NotText) as reason:
            report.refuse(number, f"{name} : {reason}")
        else:
            if guessed:
                report.note(_("« %s » a été lu comme du Windows-1252.") % name)
            yield number, content
        report.progress(number, len(paths))


def _page(name: str, path: Path) -> tuple[ArticleContent, bool]:
    if path.stat().st_size > LONGEST_TEXT:
        raise Refused(_("le texte dépasse un million de caractères"))
    text, guessed = decode(path.read_bytes())
    return read_page(name, text, html=path.suffix.lower() in HTML_SUFFIXES), guessed


def _page_files(folder: Path) -> list[Path]:
    """In a steady order; links that lead out of the folder are not followed."""
    root = folder.resolve()
    found = (path for path in folder.rglob("*") if path.suffix.lower() in PAGE_SUFFIXES)
    return sorted(path for path in found if path.is_file() and root in path.resolve().parents)
