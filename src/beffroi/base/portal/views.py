"""The resident's first page, the one search, and the pages that the law asks for."""

from __future__ import annotations

from datetime import timedelta
from importlib.metadata import version

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from beffroi.base.access.public import public_page
from beffroi.base.access.requests import Request
from beffroi.base.design import menus
from beffroi.base.portal import accessibility as facts
from beffroi.base.portal import registries
from beffroi.project.configuration import value

LONGEST_QUESTION = 300


def _now_context(request: Request) -> dict[str, object]:
    authority = request.authority
    items = registries.now_items(authority, get_language() or "fr") if authority else []
    return {"items": items}


@public_page
@require_safe
def home(request: Request) -> HttpResponse:
    """One field, what happens now, the four doors."""
    authority = request.authority
    context = {
        **_now_context(request),
        "doors": list(registries.doors(authority)) if authority else [],
    }
    return render(request, "portal/home.html", context)


@public_page
@require_safe
def now(request: Request) -> HttpResponse:
    """What happens now, alone: fetched again by open pages when something changes."""
    return render(request, "portal/_now.html", _now_context(request))


@public_page
@require_safe
def search(request: Request) -> HttpResponse:
    """A question, an address or a word: the assistant's answer first, then what was found."""
    authority = request.authority
    text = " ".join(request.GET.get("q", "").split())[:LONGEST_QUESTION]
    context: dict[str, object] = {"text": text}
    if text and authority:
        context["answers"] = registries.answers(request, text)
        context["groups"] = registries.hits(authority, text)
    return render(request, "portal/search.html", context)


@public_page
@require_safe
def legal(request: Request) -> HttpResponse:
    """Who publishes, who hosts, what is kept."""
    context = {"hosted_by": value("BEFFROI_HOSTED_BY"), "version": version("beffroi")}
    return render(request, "portal/legal.html", context)


@public_page
@require_safe
def accessibility(request: Request) -> HttpResponse:
    """The statement that the law asks for, made of what is really checked."""
    context = {
        "checks": facts.CHECKS,
        "renderings": facts.RENDERINGS,
        "gaps": facts.KNOWN_GAPS,
        "version": version("beffroi"),
    }
    return render(request, "portal/accessibility.html", context)


@public_page
@require_safe
def sitemap(request: Request) -> HttpResponse:
    authority = request.authority
    context = {
        "doors": list(registries.doors(authority)) if authority else [],
        "entries": menus.links("resident", request),
    }
    return render(request, "portal/sitemap.html", context)


@public_page
@require_safe
def security_txt(request: Request) -> HttpResponse:
    """Whom to tell about a weakness (RFC 9116)."""
    authority = request.authority
    legal_page = request.build_absolute_uri(reverse("portal:legal"))
    contact = f"mailto:{authority.email}" if authority and authority.email else legal_page
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    expires = (midnight + timedelta(days=180)).strftime("%Y-%m-%dT%H:%M:%SZ")
    lines = [
        f"Contact: {contact}",
        f"Expires: {expires}",
        "Preferred-Languages: fr, en",
        f"Canonical: {request.build_absolute_uri(request.path)}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
