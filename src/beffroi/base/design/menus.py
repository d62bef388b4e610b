"""The navigation of the layouts: each room registers its main pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

Surface = Literal["resident", "desk"]


class Label(Protocol):
    """A text, or a lazy translation of one."""

    def __str__(self) -> str: ...


@dataclass(frozen=True)
class Entry:
    """One link of a layout's navigation."""

    order: int
    label: Label
    urlname: str
    permission: str = ""


@dataclass(frozen=True)
class Link:
    """An entry as it is shown on one page."""

    label: Label
    url: str
    here: bool


_entries: dict[tuple[Surface, str], Entry] = {}


def register_menu(
    surface: Surface, order: int, label: Label, urlname: str, permission: str = ""
) -> None:
    """Add a page to the navigation; a second call for the same page replaces the first."""
    _entries[surface, urlname] = Entry(order, label, urlname, permission)


def links(surface: Surface, request: HttpRequest | None) -> list[Link]:
    """The links this person may follow, in order; the section of the current page says so."""
    actor = getattr(request, "actor", None)
    path = request.path if request is not None else ""
    found: list[tuple[Entry, str]] = []
    for (where, _), entry in _entries.items():
        if where != surface or (entry.permission and not (actor and actor.may(entry.permission))):
            continue
        try:
            found.append((entry, reverse(entry.urlname)))
        except NoReverseMatch:
            continue
    # The desk's address begins all others of the desk: the longest one is the section.
    here = max((url for _, url in found if path.startswith(url)), key=len, default="")
    found.sort(key=lambda pair: (pair[0].order, pair[0].urlname))
    return [Link(entry.label, url, here=url == here) for entry, url in found]
