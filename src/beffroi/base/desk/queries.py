"""One list made of what all rooms bring, whatever happens to one of them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from beffroi.base.access.public import Actor
from beffroi.base.authorities.public import searchable

from .work import WorkItem, sources

log = logging.getLogger(__name__)


class View(StrEnum):
    MINE = "mine"
    TEAM = "team"
    ALL = "all"


@dataclass(frozen=True)
class WorkList:
    """What is shown of one view, with the counts of all three."""

    items: Sequence[WorkItem]
    counts: dict[View, int]
    kinds: Sequence[str]
    """Of the whole list, in alphabetical order."""
    missing: Sequence[str]
    """Rooms whose work could not be read just now."""


def work_list(actor: Actor, view: View, search: str = "", kind: str = "") -> WorkList:
    """The work of one view, the gravest first, then the oldest.

    ``search`` keeps items with every word in their title, detail, service or kind; accents and
    capitals do not matter. A room that fails is named, and the others still show.
    """
    everything, missing = _gather(actor)
    found = [item for item in everything if _matches(item, search, kind)]
    by_view = {
        View.MINE: [item for item in found if item.mine],
        View.TEAM: [item for item in found if item.team or item.mine],
        View.ALL: found,
    }
    items = sorted(by_view[view], key=lambda item: (-item.severity, item.at, item.ref))
    counts = {name: len(kept) for name, kept in by_view.items()}
    return WorkList(items, counts, sorted({str(item.kind) for item in everything}), missing)


def _gather(actor: Actor) -> tuple[list[WorkItem], list[str]]:
    found: list[WorkItem] = []
    missing: list[str] = []
    for room, source in sources().items():
        try:
            found += source(actor)
        except Exception:  # a broken room must not hide the work of the others
            log.exception("the work of %s cannot be read", room)
            missing.append(room)
    return found, missing


def _matches(item: WorkItem, search: str, kind: str) -> bool:
    if kind and str(item.kind) != kind:
        return False
    text = searchable(f"{item.kind} {item.title} {item.detail} {item.service}")
    return all(word in text for word in searchable(search).split())
