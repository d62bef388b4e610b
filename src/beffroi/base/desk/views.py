from __future__ import annotations

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from beffroi.base.access.public import Request, follow, page

from .queries import View, work_list

PER_PAGE = 60
LONGEST_SEARCH = 100


@never_cache
@require_GET
@page("desk.see")
def home(request: Request) -> HttpResponse:
    """What waits: mine, my team's, all; searched by words, opened by a link or by the keyboard."""
    response = render(request, "desk/home.html", _context(request))
    follow(request, response, [_topic(request)])
    return response


@never_cache
@require_GET
@page("desk.see")
def list_fragment(request: Request) -> HttpResponse:
    """The list alone: fetched again by an open desk when work appears or is done."""
    return render(request, "desk/_list.html", _context(request))


def _topic(request: Request) -> str:
    return f"/desk/{request.authority.slug}"


def _context(request: Request) -> dict[str, object]:
    view = _view(request.GET.get("vue", ""))
    search = " ".join(request.GET.get("q", "").split())[:LONGEST_SEARCH]
    kind = request.GET.get("sorte", "")[:LONGEST_SEARCH]
    found = work_list(request.actor, view, search, kind)
    shown = Paginator(found.items, PER_PAGE).get_page(request.GET.get("page"))
    labels = {View.MINE: _("À moi"), View.TEAM: _("Équipe"), View.ALL: _("Tout")}
    kept = {"q": search, "sorte": kind}
    return {
        "page": shown,
        "view": view,
        "search": search,
        "kind": kind,
        "kinds": found.kinds,
        "missing": found.missing,
        "tabs": [
            (label, found.counts[name], _query(kept | {"vue": name}), name == view)
            for name, label in labels.items()
        ],
        "topic": _topic(request),
        "query": _query(kept | {"vue": view, "page": str(shown.number)}),
    }


def _query(parameters: dict[str, str]) -> str:
    return urlencode({name: str(value) for name, value in parameters.items() if value})


def _view(name: str) -> View:
    """The team's work by default: an agent who has taken nothing yet still sees what waits."""
    return View(name) if name in set(View) else View.TEAM
