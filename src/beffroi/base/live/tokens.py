"""JSON Web Tokens, HS256 only: who may publish and subscribe on the hub."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from beffroi.base.live.topics import BadTopic, Selectors

MAX_TOKEN = 16_384


class BadToken(Exception):
    """A token that is refused. `expired` tells one that was good from one that never was."""

    def __init__(self, reason: str, expired: bool = False) -> None:
        super().__init__(reason)
        self.expired = expired


@dataclass(frozen=True, slots=True)
class Claims:
    publish: Selectors | None
    """None: the token says nothing about publishing."""
    subscribe: Selectors | None
    expires: float | None
    """Seconds since 1970 (UTC), None: never."""


def sign(claims: dict[str, Any], key: bytes) -> str:
    """An HS256 token over `claims`."""
    head = _encode(b'{"alg":"HS256","typ":"JWT"}')
    body = _encode(json.dumps(claims, separators=(",", ":")).encode())
    return f"{head}.{body}.{_encode(_mac(f'{head}.{body}'.encode(), key))}"


def verify(token: str, key: bytes, now: float) -> Claims:
    """The claims of a good token. `now` is in seconds since 1970."""
    if len(token) > MAX_TOKEN or token.count(".") != 2:
        raise BadToken("malformed token")
    head, body, signature = token.split(".")
    if not hmac.compare_digest(_decode(signature), _mac(f"{head}.{body}".encode(), key)):
        raise BadToken("wrong signature")
    header = _object(head)
    if header.get("alg") != "HS256" or "crit" in header:
        raise BadToken("the token must be signed with HS256")
    claims = _object(body)
    expires = _instant(claims, "exp")
    not_before = _instant(claims, "nbf")
    if expires is not None and now >= expires:
        raise BadToken("the token has expired", expired=True)
    if not_before is not None and now < not_before:
        raise BadToken("the token is not valid yet")
    mercure = claims.get("mercure", {})
    if not isinstance(mercure, dict):
        raise BadToken("the claim mercure is not an object")
    return Claims(_selectors(mercure, "publish"), _selectors(mercure, "subscribe"), expires)


def _mac(text: bytes, key: bytes) -> bytes:
    return hmac.new(key, text, hashlib.sha256).digest()


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadToken("malformed token") from None


def _object(part: str) -> dict[str, Any]:
    try:
        value = json.loads(_decode(part))
    except (ValueError, RecursionError):
        raise BadToken("malformed token") from None
    if not isinstance(value, dict):
        raise BadToken("malformed token")
    return value


def _instant(claims: dict[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadToken(f"the claim {name} is not a number")
    return float(value)


def _selectors(mercure: dict[str, Any], name: str) -> Selectors | None:
    value = mercure.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadToken(f"the claim mercure.{name} is not a list of topics")
    try:
        return Selectors(value)
    except BadTopic as error:
        raise BadToken(f"the claim mercure.{name}: {error}") from None
