"""Tokens by which a browser may follow private topics of the hub (Mercure, § Authorization)."""

from __future__ import annotations

import time
from collections.abc import Iterable

import jwt
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from .actor import Actor

COOKIE = "mercureAuthorization"
HUB_PATH = "/.well-known/mercure"
LIFETIME_S = 12 * 3600
MOST_TOPICS = 24


def live_token(actor: Actor, topics: Iterable[str]) -> str:
    """A signed token for these topics, for twelve hours. The caller has checked that the actor may follow them."""
    claims = {
        "sub": str(actor.person_key or "anonymous"),
        "exp": int(time.time()) + LIFETIME_S,
        "mercure": {"subscribe": list(topics)},
    }
    return jwt.encode(claims, settings.BEFFROI.secret("hub"), algorithm="HS256")


def follow(request: HttpRequest, response: HttpResponse, topics: Iterable[str]) -> None:
    """Let this browser follow more private topics, keeping those its other tabs follow."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    wanted, before = list(topics), _followed(request)
    followed = before
    if not set(wanted) <= set(before):
        followed = [*(topic for topic in before if topic not in wanted), *wanted][-MOST_TOPICS:]
        # The hub's cookie is not sent with pages: its topics are remembered in the session,
        # which is written only when they change.
        request.session["followed"] = followed
    response.set_cookie(
        COOKIE,
        live_token(actor, followed),
        max_age=LIFETIME_S,
        path=HUB_PATH,
        secure=settings.SECURE,
        httponly=True,
        samesite="Strict",
    )


def _followed(request: HttpRequest) -> list[str]:
    # Only for the one who got them: a sign-in or sign-out starts a new session.
    return list(request.session.get("followed", []))
