"""What a view says about who may open it. A view without one of these marks fails the suite."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from .registry import permission

View = Callable[..., HttpResponseBase]


def public_page(view: View) -> View:
    """Anyone may open it."""
    view.required_permission = ""  # type: ignore[attr-defined]
    return view


def page(code: str) -> Callable[[View], View]:
    """Only those who carry the permission: others are sent to sign in, or refused when they are signed in."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor = request.actor  # type: ignore[attr-defined]
            if not actor.is_signed_in:
                permission(code)
                return redirect_to_login(request.get_full_path(), reverse("people:login"))
            if not actor.may(code):
                raise PermissionDenied(code)
            return view(request, *args, **kwargs)

        guarded.required_permission = code  # type: ignore[attr-defined]
        return guarded

    return mark
