"""What anyone may read: the list near you, one notice with its reasons, the feeds."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from beffroi.base.access.public import Actor, Request, public_page
from beffroi.base.authorities.models import Authority, Street
from beffroi.base.provenance.public import chain

from . import feeds, queries
from .forms import StreetForm, options_of
from .maps import map_of
from .models import Notice

STREET_COOKIE = "beffroi_rue"
STREET_COOKIE_AGE = 365 * 24 * 3600


def authority_of(request: Request) -> Authority:
    authority: Authority | None = request.authority
    if authority is None:
        raise Http404
    return authority


def street_of(request: Request) -> Street | None:
    """The street asked for in the address, else the one this browser remembers."""
    slug = request.GET.get("rue") or request.COOKIES.get(STREET_COOKIE, "")
    if not slug or len(slug) > 160:
        return None
    return Street.objects.filter(authority=authority_of(request), slug=slug).first()


def _list_context(request: Request) -> dict[str, object]:
    authority = authority_of(request)
    street = street_of(request)
    everywhere = list(queries.current(authority))
    near = list(queries.current(authority, street)) if street else everywhere
    near_keys = {notice.pk for notice in near}
    return {
        "street": street,
        "near": near,
        "elsewhere": [notice for notice in everywhere if notice.pk not in near_keys],
    }


@public_page
@require_safe
def notices(request: Request) -> HttpResponse:
    context = _list_context(request)
    street = context["street"]
    form = StreetForm(
        initial={"street": street.name if isinstance(street, Street) else ""},
        authority=authority_of(request),
    )
    context |= {"form": form, "street_names": options_of(authority_of(request))}
    return render(request, "broadcast/notices.html", context)


@public_page
@require_safe
def notices_live(request: Request) -> HttpResponse:
    """What open pages fetch when the hub calls."""
    queries.note_delivery(authority_of(request))
    return render(request, "broadcast/_notices.html", _list_context(request))


@public_page
@require_POST
def choose_street(request: Request) -> HttpResponse:
    """Remembers the resident's street in a cookie of this browser; an empty name forgets it."""
    form = StreetForm(request.POST, authority=authority_of(request))
    if not form.is_valid():
        context = _list_context(request) | {
            "form": form,
            "street_names": options_of(authority_of(request)),
        }
        return render(request, "broadcast/notices.html", context, status=422)
    response = redirect("broadcast:notices")
    if form.found is None:
        response.delete_cookie(STREET_COOKIE, samesite="Lax")
    else:
        response.set_cookie(
            STREET_COOKIE,
            form.found.slug,
            max_age=STREET_COOKIE_AGE,
            secure=settings.SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response


def _public(request: Request, ref: str) -> Notice:
    notice = queries.public_notice(authority_of(request), ref)
    if notice is None:
        raise Http404
    return notice


def _notice_context(notice: Notice) -> dict[str, object]:
    versions = queries.public_versions(notice)
    first = next((v for v in versions if v.at == notice.published_at), None)
    return {
        "notice": notice,
        "versions": versions,
        "first": first,
        # Everybody reads the same reasons, whoever is signed in.
        "steps": chain(notice, Actor.anonymous(notice.authority)),
    }


@public_page
@require_safe
def notice(request: Request, ref: str) -> HttpResponse:
    found = _public(request, ref)
    context = _notice_context(found) | {"map": map_of(found)}
    return render(request, "broadcast/notice.html", context)


@public_page
@require_safe
def notice_live(request: Request, ref: str) -> HttpResponse:
    found = _public(request, ref)
    queries.note_delivery(found.authority)
    return render(request, "broadcast/_notice.html", _notice_context(found))


@public_page
@require_safe
def atom_feed(request: Request) -> HttpResponse:
    street = _feed_street(request)
    return _conditional(
        request,
        street,
        lambda notices, changed: HttpResponse(
            feeds.atom_of(authority_of(request), street, notices, changed, get_language() or "fr"),
            content_type="application/atom+xml; charset=utf-8",
        ),
    )


@public_page
@require_safe
def json_feed(request: Request) -> HttpResponse:
    street = _feed_street(request)
    return _conditional(
        request,
        street,
        lambda notices, changed: JsonResponse(
            feeds.json_of(authority_of(request), street, notices, changed, get_language() or "fr"),
            content_type="application/feed+json; charset=utf-8",
            json_dumps_params={"ensure_ascii": False},
        ),
    )


def _feed_street(request: Request) -> Street | None:
    """A feed is filtered by its address only: readers and aggregators carry no cookie."""
    if "rue" not in request.GET:
        return None
    street = Street.objects.filter(authority=authority_of(request), slug=request.GET["rue"]).first()
    if street is None:
        raise Http404
    return street


def _conditional(request: Request, street: Street | None, build: feeds.Build) -> HttpResponse:
    """The feed, or 304 when the reader has it already."""
    notices = list(queries.current(authority_of(request), street))
    changed = queries.last_change(authority_of(request))
    etag = quote_etag(_fingerprint(notices, changed, get_language() or "fr"))
    response = get_conditional_response(request, etag=etag, last_modified=int(changed.timestamp()))
    if response is None or response.status_code >= 400:
        response = build(notices, changed)
        response["ETag"] = etag
        response["Last-Modified"] = feeds.http_date(changed)
    response["Cache-Control"] = "public, max-age=0, must-revalidate"
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


def _fingerprint(notices: list[Notice], changed: datetime, language: str) -> str:
    parts = [language, changed.isoformat(), *(f"{n.ref}.{n.version}" for n in notices)]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:32]
