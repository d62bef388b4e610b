"""The page in the square: a code until it is paired, then what concerns people now."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from beffroi.accessible.information.broadcast.public import current_notices, note_delivery
from beffroi.base.access.public import Request, public_page
from beffroi.base.authorities.models import Authority

from .actions import TooManyWaiting, begin_pairing, hand_over_token, note_sign_of_life
from .bulletins import board_of
from .models import Pairing, Screen, digest_of
from .zones import zones_for

TOKEN_COOKIE = "beffroi_ecran"  # noqa: S105 - the cookie's name
PAIRING_COOKIE = "beffroi_appairage"
TOKEN_AGE = 400 * 24 * 3600
SERVICE_WORKER = "signage/service-worker.js"


def _authority(request: Request) -> Authority:
    authority: Authority | None = request.authority
    if authority is None:
        raise Http404
    return authority


def _paired_screen(request: Request) -> Screen | None:
    """The screen behind this browser's token, in the authority whose address it opened."""
    token = request.COOKIES.get(TOKEN_COOKIE, "")
    if not token or len(token) > 100:
        return None
    return (
        Screen.objects.filter(authority=_authority(request), token_hash=digest_of(token))
        .select_related("site", "authority")
        .first()
    )


@public_page
@never_cache
@require_safe
def screen(request: Request) -> HttpResponse:
    paired, token = _paired_screen(request), None
    waiting = None
    if paired is None:
        waiting = _waiting(request)
        token = hand_over_token(waiting) if waiting and waiting.screen_id else None
        if token and waiting:
            paired = waiting.screen
    if paired is None:
        return _show_code(request, waiting)
    response = render(request, "signage/screen.html", _content(request, paired))
    if token:
        _set_cookie(response, TOKEN_COOKIE, token, TOKEN_AGE)
        response.delete_cookie(PAIRING_COOKIE, path=reverse("signage:screen"), samesite="Lax")
    else:
        note_sign_of_life(paired)
        # Renewed, so that a screen that is never touched stays paired for years.
        _set_cookie(response, TOKEN_COOKIE, request.COOKIES[TOKEN_COOKIE], TOKEN_AGE)
    return response


@public_page
@never_cache
@require_safe
def content(request: Request) -> HttpResponse:
    """What the open page fetches: the sign of life too. A screen that was removed is led to its code."""
    paired = _paired_screen(request)
    if paired is None:
        return redirect("signage:screen")
    note_sign_of_life(paired)
    note_delivery(paired.authority)
    return render(request, "signage/_content.html", _content(request, paired))


@public_page
@require_safe
def service_worker(request: Request) -> HttpResponse:
    """Served beside the page, because a worker only rules over the addresses under its own."""
    found = finders.find(SERVICE_WORKER)
    path = Path(found) if isinstance(found, str) else Path(staticfiles_storage.path(SERVICE_WORKER))
    response = HttpResponse(path.read_bytes(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


def _content(request: Request, paired: Screen) -> dict[str, object]:
    now = timezone.now()
    return {
        "screen": paired,
        "board": board_of(current_notices(paired.authority), now),
        "zones": zones_for(paired.authority, paired.site, get_language() or "fr"),
        "now": timezone.localtime(now, paired.authority.zone),
        "topics": f"/notices/{paired.authority.slug} /slots/{paired.authority.slug} /screens/{paired.ref}",
    }


def _waiting(request: Request) -> Pairing | None:
    ref = request.COOKIES.get(PAIRING_COOKIE, "")
    if not ref or len(ref) > 16:
        return None
    alive = Pairing.objects.filter(ref=ref, authority=_authority(request))
    return (
        alive.filter(Q(expires_at__gt=timezone.now()) | Q(screen__isnull=False))
        .select_related("screen__site", "screen__authority")
        .first()
    )


def _show_code(request: Request, waiting: Pairing | None) -> HttpResponse:
    if waiting is None:
        try:
            waiting = begin_pairing(_authority(request), request.META.get("REMOTE_ADDR", ""))
        except TooManyWaiting:
            return render(request, "signage/wait.html", status=429)
    response = render(request, "signage/pairing.html", {"pairing": waiting})
    left = int((waiting.expires_at - timezone.now()).total_seconds())
    _set_cookie(response, PAIRING_COOKIE, waiting.ref, max(left, 1) + 60)
    return response


def _set_cookie(response: HttpResponse, name: str, value: str, age: int) -> None:
    response.set_cookie(
        name,
        value,
        max_age=age,
        path=reverse("signage:screen"),
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
