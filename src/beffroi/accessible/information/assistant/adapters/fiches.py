"""service-public.fr fiches as JSON lines, plain or gzipped: one fiche per line."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from beffroi.base.imports.public import UnreadableSource

from ..engine.passages import sections_of
from .content import LONGEST_TEXT, LONGEST_TITLE, ArticleContent, Refused
from .texts import NotText, decode_line

NO_SUBTHEME = "Autre"


def numbered_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Lines from 1, empty ones left out. Raises UnreadableSource for a damaged archive."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield number, line.rstrip(b"\r\n")
    except (EOFError, gzip.BadGzipFile, zlib.error) as damaged:
        raise UnreadableSource(
            _(
                "L’archive est abîmée ou incomplète. Rien n’a été enregistré ; téléchargez-la à nouveau."
            )
        ) from damaged


def read_fiche(line: bytes) -> ArticleContent:
    """One fiche. Raises Refused, saying what is wrong with the line."""
    try:
        row = json.loads(decode_line(line).removeprefix("\ufeff"))
    except NotText as wrong:
        raise Refused(str(wrong)) from wrong
    except (json.JSONDecodeError, RecursionError) as wrong:
        column = getattr(wrong, "colno", 1)
        raise Refused(_("la ligne n’est pas du JSON (colonne %d)") % column) from wrong
    if not isinstance(row, dict):
        raise Refused(_("la ligne n’est pas une fiche"))
    text = _text(row, "text", required=True)
    if len(text) > LONGEST_TEXT:
        raise Refused(_("le texte dépasse un million de caractères"))
    sections = tuple(sections_of(text))
    if not sections:
        raise Refused(_("le texte est vide"))
    return ArticleContent(
        external_id=_text(row, "id", required=True)[:200],
        title=_text(row, "title")[:LONGEST_TITLE],
        url=_address(_text(row, "url")),
        theme=_theme(row.get("theme")),
        sections=sections,
        snapshot=_text(row, "snapshot")[:20],
    )


def _text(row: dict[str, Any], name: str, *, required: bool = False) -> str:
    value = row.get(name)
    if value is None and not required:
        return ""
    if not isinstance(value, str) or (required and not value.strip()):
        raise Refused(_("le champ « %s » manque ou n’est pas un texte") % name)
    # Lone surrogates come from broken escapes; they can be neither stored nor shown.
    return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8").strip()


def _theme(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(step, str) for step in value):
        raise Refused(_("le champ « %s » manque ou n’est pas un texte") % "theme")
    steps = (" ".join(step.replace("\0", "").split()) for step in value)
    return tuple(step for step in steps if step and step != NO_SUBTHEME)


def _address(url: str) -> str:
    """Only web addresses become links: a `javascript:` one must never."""
    if url and urlsplit(url).scheme not in ("http", "https"):
        raise Refused(_("l’adresse « %s » n’est pas une adresse web") % url[:100])
    return url[:500]
