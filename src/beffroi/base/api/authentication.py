from __future__ import annotations

from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer

from beffroi.base.access.actor import Actor
from beffroi.base.access.queries import actor_of_key


class KeyBearer(HttpBearer):
    """`Authorization: Bearer <key>` of another system."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        actor = actor_of_key(token, request.authority)  # type: ignore[attr-defined]
        if actor is not None:
            request.actor = actor  # type: ignore[attr-defined]
        return actor


class SessionCookie(APIKeyCookie):
    """The session of a person who signed in on the pages, protected against forgery by the CSRF token."""

    param_name = "beffroi_session"

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        return actor if actor.is_signed_in else None


api_key = KeyBearer()
session_or_key = [KeyBearer(), SessionCookie()]
