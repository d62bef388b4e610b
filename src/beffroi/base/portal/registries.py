"""What rooms bring to the resident's first page: what happens now, the doors, what can be found."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from beffroi.base.authorities.models import Authority

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

log = logging.getLogger(__name__)
HINT_KEPT = 10


@dataclass(frozen=True)
class NowItem:
    """Something that concerns people now. `when` is a moment, or words already said."""

    severity: int
    label: str
    title: str
    body: str
    when: datetime | str
    why: str = ""
    url: str = ""


@dataclass(frozen=True)
class Hit:
    """One thing found; `kind` names its group in plain words (« Annonces », « Rues »)."""

    title: str
    extract: str
    url: str
    kind: str


@dataclass(frozen=True)
class Door:
    order: int
    label: StrOrPromise
    hint: StrOrPromise | Callable[[Authority], str]
    urlname: str


@dataclass(frozen=True)
class OpenDoor:
    """A door as it is shown: its hint said, its address known."""

    label: str
    hint: str
    url: str


NowSource = Callable[[Authority, str], Iterable[NowItem]]
SearchSource = Callable[[Authority, str], Iterable[Hit]]
AnswerSource = Callable[[HttpRequest, str], SafeString | str]

_now: list[NowSource] = []
_doors: dict[str, Door] = {}
_searches: dict[str, SearchSource] = {}
_answers: list[AnswerSource] = []


def register_now(source: NowSource) -> None:
    """Add what happens now: source(authority, language) -> items."""
    if source not in _now:
        _now.append(source)


def register_door(
    order: int,
    label: StrOrPromise,
    hint: StrOrPromise | Callable[[Authority], str],
    urlname: str,
) -> None:
    """Add one of the ways in; the hint may be computed, so that it tells something true today."""
    _doors[urlname] = Door(order, label, hint, urlname)


def register_search(name: str, source: SearchSource) -> None:
    """Add a source of the one search: source(authority, text) -> hits, best first."""
    _searches[name] = source


def register_answer(source: AnswerSource) -> None:
    """Add a block of the search page that answers the question itself; empty when it has none."""
    if source not in _answers:
        _answers.append(source)


def now_items(authority: Authority, language: str) -> list[NowItem]:
    """Everything that concerns people now, the gravest first."""
    items = [item for source in _now for item in source(authority, language)]
    return sorted(items, key=lambda item: -item.severity)


def doors(authority: Authority) -> Iterator[OpenDoor]:
    """The ways in, in order; one whose room is not installed does not show."""
    for door in sorted(_doors.values(), key=lambda one: one.order):
        try:
            url = reverse(door.urlname)
        except NoReverseMatch:
            continue
        yield OpenDoor(str(door.label), _hint(door, authority), url)


def _hint(door: Door, authority: Authority) -> str:
    """A computed hint is kept for HINT_KEPT seconds: every visitor asks for it."""
    if not callable(door.hint):
        return str(door.hint)
    key = f"portal.hint:{authority.pk}:{door.urlname}:{get_language()}"
    return str(cache.get_or_set(key, lambda: str(door.hint(authority)), HINT_KEPT))


def hits(authority: Authority, text: str) -> dict[str, list[Hit]]:
    """What was found, grouped by kind in the order in which the sources were registered."""
    groups: dict[str, list[Hit]] = {}
    for source in _searches.values():
        for hit in source(authority, text):
            groups.setdefault(str(hit.kind), []).append(hit)
    return groups


def answers(request: HttpRequest, text: str) -> list[SafeString]:
    """The blocks that answer the question, ready to show."""
    found = (source(request, text) for source in _answers)
    return [block for block in found if isinstance(block, SafeString) and block.strip()]
