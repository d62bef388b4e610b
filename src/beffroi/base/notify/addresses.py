"""Complete addresses for what is read outside a page: mails, feeds, screens."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.urls import get_script_prefix, reverse, set_script_prefix

from beffroi.base.authorities.models import Authority


def absolute_url(authority: Authority, view: str, **arguments: object) -> str:
    """The complete public address of a named view of this authority, callable outside a request."""
    before = get_script_prefix()
    set_script_prefix("/")
    try:
        path = reverse(view, kwargs=arguments or None)
    finally:
        set_script_prefix(before)
    return origin_of(authority) + path


def origin_of(authority: Authority) -> str:
    """Scheme, host and, for an authority without a host of its own, its `/a/<slug>` prefix."""
    public = settings.BEFFROI.public_url
    if authority.host:
        scheme, netloc, *_ = urlsplit(public)
        port = netloc.rpartition(":")[2] if ":" in netloc.rpartition("]")[2] else ""
        return urlunsplit(
            (scheme, f"{authority.host}:{port}" if port else authority.host, "", "", "")
        )
    return public if authority.is_default else f"{public}/a/{authority.slug}"
