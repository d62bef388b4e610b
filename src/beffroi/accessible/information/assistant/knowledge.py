"""The index of each authority's articles, kept in memory by every process that answers.

The database holds a version per authority; a process whose index is older rebuilds it before it
answers. While one thread rebuilds, the others still answer from the index they have.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import F

from beffroi.base.authorities.models import Authority

from .engine.decision import Decision, calibration
from .engine.index import Document, Index
from .engine.ranking import rank
from .models import Article, Knowledge, Passage


@dataclass(frozen=True, slots=True)
class Found:
    """The articles found, best first, each with the position of its best passage."""

    articles: tuple[int, ...]
    passages: tuple[int, ...]
    decision: Decision
    probability: float


@dataclass(frozen=True)
class Known:
    """An authority's articles at one version, ready to be searched."""

    version: int
    index: Index
    positions: dict[int, int]
    """Article → its position in the index."""
    validity: tuple[tuple[int, dt.date | None, dt.date | None], ...]
    """(position, from, until) of the articles that are not valid for ever."""

    def search(
        self,
        text: str,
        on: dt.date,
        *,
        hidden: Collection[int] = (),
        untitled: Collection[int] = (),
    ) -> Found:
        """The best articles valid on a day, and what to do with them.

        ``hidden`` and ``untitled`` name articles to leave out, and whose title is not to be read:
        for measuring how the assistant does without them.
        """
        index = self.index
        for article in untitled:
            index = index.without_title(self.positions[article])
        closed = {self.positions[article] for article in hidden}
        closed |= {position for position, *days in self.validity if not _valid(on, *days)}
        ranking = rank(index, text, closed)
        decision, probability = calibration().decide(ranking.features)
        articles = tuple(index.keys[position] for position in ranking.positions)
        return Found(articles, ranking.best_passages, decision, probability)


def _valid(on: dt.date, since: dt.date | None, until: dt.date | None) -> bool:
    return (since is None or since <= on) and (until is None or on <= until)


_known: dict[int, Known] = {}
_building: defaultdict[int, threading.Lock] = defaultdict(threading.Lock)


def known(authority: Authority) -> Known:
    """The current index of an authority; one query when it is up to date."""
    version = version_of(authority)
    current = _known.get(authority.pk)
    if current is not None and current.version == version:
        return current
    if current is not None and _building[authority.pk].locked():
        return current
    with _building[authority.pk]:
        current = _known.get(authority.pk)
        if current is None or current.version != version:
            current = _known[authority.pk] = _load(authority, version)
        return current


def version_of(authority: Authority) -> int:
    return (
        Knowledge.objects.filter(authority=authority).values_list("version", flat=True).first() or 0
    )


def renew(authority: Authority) -> None:
    """Makes every process rebuild; called in the transaction that changed the articles."""
    Knowledge.objects.get_or_create(authority=authority)
    Knowledge.objects.filter(authority=authority).update(version=F("version") + 1)


def _load(authority: Authority, version: int) -> Known:
    passages: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    rows = Passage.objects.filter(article__authority=authority).order_by("article_id", "position")
    for article_id, heading, text in rows.values_list("article_id", "heading", "text"):
        passages[article_id].append((heading, text))
    documents, validity = [], []
    fields = ("pk", "title", "theme", "valid_from", "valid_until")
    articles = Article.objects.filter(authority=authority, language="fr").order_by("pk")
    for position, (pk, title, theme, since, until) in enumerate(articles.values_list(*fields)):
        documents.append(Document(pk, title, " ".join(theme), passages[pk]))
        if since is not None or until is not None:
            validity.append((position, since, until))
    positions = {document.key: position for position, document in enumerate(documents)}
    return Known(version, Index.build(documents), positions, tuple(validity))
