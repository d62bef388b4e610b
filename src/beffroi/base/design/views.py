"""The page that shows every component, an authority's colours, and the choice of theme."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.http import HttpResponse, HttpResponseNotModified, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import parse_etags, url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from beffroi.base.access.public import public_page
from beffroi.base.access.requests import Request
from beffroi.base.design import specimens, themes
from beffroi.base.design.contrast import readable


@public_page
@require_safe
def components(request: Request) -> HttpResponse:
    """All components with their classes, on real texts."""
    return render(request, "design/components.html", specimens.context())


@public_page
@require_safe
def brand(request: Request) -> HttpResponse:
    """The authority's own colours. One that cannot be read is left out, whoever stored it."""
    authority = request.authority
    rules = []
    for name, colour, dark in (
        ("--brand-light", getattr(authority, "primary_colour", ""), False),
        ("--brand-dark", getattr(authority, "primary_colour_dark", ""), True),
    ):
        try:
            if colour and readable(colour, dark=dark):
                rules.append(f"  {name}: {colour};\n")
        except ValueError:
            continue
    sheet = f":root {{\n{''.join(rules)}}}\n" if rules else ""
    etag = f'"{hashlib.sha256(sheet.encode()).hexdigest()[:24]}"'
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = HttpResponse(sheet, content_type="text/css; charset=utf-8")
    response["ETag"] = etag
    response["Cache-Control"] = "public, max-age=300"
    return response


@public_page
@require_POST
def choose_theme(request: Request) -> HttpResponse:
    """Keep light, dark or automatic colours in a cookie and go back to the same page."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    theme = request.POST.get("theme", "")
    if theme in themes.DARK_MEDIA:
        response.set_cookie(
            themes.COOKIE,
            theme,
            max_age=dt.timedelta(days=365),
            samesite="Lax",
            secure=request.is_secure(),
            httponly=True,
        )
    return response
