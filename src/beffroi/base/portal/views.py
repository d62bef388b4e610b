"""The resident's first page, the one search, and the pages that the law asks for."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from beffroi.base.access.public import public_page
from beffroi.base.design import menus
from beffroi.base.portal import registries

LONGEST_QUESTION = 300


def _now_context(request: HttpRequest) -> dict[str, object]:
    authority = request.authority  # type: ignore[attr-defined]
    items = registries.now_items(authority, get_language() or "fr") if authority else []
    return {"items": items}


@public_page
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """One field, what happens now, the four doors."""
    authority = request.authority  # type: ignore[attr-defined]
    context = {
        **_now_context(request),
        "doors": list(registries.doors(authority)) if authority else [],
    }
    return render(request, "portal/home.html", context)


@public_page
@require_safe
def now(request: HttpRequest) -> HttpResponse:
    """What happens now, alone: fetched again by open pages when something changes."""
    return render(request, "portal/_now.html", _now_context(request))


@public_page
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """A question, an address or a word: the assistant's answer first, then what was found."""
    authority = request.authority  # type: ignore[attr-defined]
    text = " ".join(request.GET.get("q", "").split())[:LONGEST_QUESTION]
    context: dict[str, object] = {"text": text}
    if text and authority:
        context["answers"] = registries.answers(request, text)
        context["groups"] = registries.hits(authority, text)
    return render(request, "portal/search.html", context)


@public_page
@require_safe
def legal(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/legal.html")


@public_page
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/accessibility.html")


@public_page
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    authority = request.authority  # type: ignore[attr-defined]
    context = {
        "doors": list(registries.doors(authority)) if authority else [],
        "entries": list(menus.links("resident", request)),
    }
    return render(request, "portal/sitemap.html", context)


@public_page
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Whom to tell about a weakness (RFC 9116)."""
    authority = request.authority  # type: ignore[attr-defined]
    expires = (timezone.now() + timedelta(days=180)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    contact = (
        f"mailto:{authority.email}"
        if authority and authority.email
        else request.build_absolute_uri(reverse("portal:legal"))
    )
    lines = [
        f"Contact: {contact}",
        f"Expires: {expires.isoformat().replace('+00:00', 'Z')}",
        "Preferred-Languages: fr, en",
        f"Canonical: {request.build_absolute_uri(request.path)}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
