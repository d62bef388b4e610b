"""The Mercure protocol read from and written to HTTP: subscriptions, publications, events.

https://mercure.rocks/spec
"""

from __future__ import annotations

import random
import re
import uuid
from dataclasses import dataclass
from urllib.parse import parse_qsl

from beffroi.base.live.heads import RequestHead
from beffroi.base.live.log import Event
from beffroi.base.live.tokens import BadToken, Claims, verify
from beffroi.base.live.topics import BadTopic, Selectors, check_topic, compile_selector

HUB_PATH = b"/.well-known/mercure"
COOKIE = "mercureAuthorization"
MAX_SELECTORS = 100
MAX_ID = 255
RETRY_MILLISECONDS = (1_000, 4_000)

_LINE_END = re.compile(r"\r\n|\r|\n")


class Refused(Exception):
    """A request that the hub refuses: the status to answer and the reason in words."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Subscription:
    topics: tuple[str, ...]
    allowed: Selectors | None
    last_event_id: str | None
    expires: float | None
    """Seconds since 1970 after which the stream is closed; None: never."""


def read_subscription(head: RequestHead, key: bytes, now: float) -> Subscription:
    """What a GET on the hub asks for. Anyone may subscribe; only a token opens private events."""
    fields = _fields(head.query)
    topics = tuple(dict.fromkeys(value for name, value in fields if name in {"topic", "match"}))
    if not topics:
        raise Refused(400, "name at least one topic")
    if len(topics) > MAX_SELECTORS:
        raise Refused(400, f"at most {MAX_SELECTORS} topics")
    try:
        for topic in topics:
            compile_selector(topic)
    except BadTopic as error:
        raise Refused(400, str(error)) from None
    claims = _claims(head, fields, key, now)
    last = _text(head.get(b"last-event-id")) or next(
        (value for name, value in fields if name in {"lastEventID", "last-event-id"}), ""
    )
    return Subscription(
        topics=topics,
        allowed=claims.subscribe if claims else None,
        last_event_id=last[:MAX_ID] or None,
        expires=claims.expires if claims else None,
    )


def check_publisher(head: RequestHead, key: bytes, trusted: bool, now: float) -> Claims | None:
    """The publisher's claims; None for a trusted one without a token, who may publish anything.

    Called on the head alone, so that the body of a stranger is never read.
    """
    content_type = (head.get(b"content-type") or b"").partition(b";")[0].strip().lower()
    if content_type != b"application/x-www-form-urlencoded":
        raise Refused(415, "publish as application/x-www-form-urlencoded")
    claims = _claims(head, _fields(head.query), key, now)
    if claims is None and trusted:
        return None
    if claims is None:
        raise Refused(401, "a token is needed to publish")
    if claims.publish is None:
        raise Refused(403, "this token does not allow publishing")
    return claims


def read_publication(body: bytes, claims: Claims | None) -> Event:
    """The event that a form describes, with the bytes that its subscribers will receive."""
    try:
        fields = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=200,
        )
    except ValueError:
        raise Refused(400, "malformed form") from None
    form = dict(reversed(fields))
    topics = tuple(dict.fromkeys(value for name, value in fields if name == "topic"))
    if not topics:
        raise Refused(400, "name at least one topic")
    try:
        for topic in topics:
            check_topic(topic)
    except BadTopic as error:
        raise Refused(400, str(error)) from None
    if claims is not None and not all(
        claims.publish and claims.publish.match(topic) for topic in topics
    ):
        raise Refused(403, "this token does not allow publishing on that topic")
    event_id = _single_line(form.get("id", ""), "id") or f"urn:uuid:{uuid.uuid4()}"
    if event_id.startswith("#") or event_id == "earliest":
        raise Refused(400, "this id is reserved")
    retry = form.get("retry", "")
    if retry and not (retry.isascii() and retry.isdigit() and len(retry) < 10):
        raise Refused(400, "retry is a number of milliseconds")
    wire = encode_event(
        event_id, form.get("data", ""), _single_line(form.get("type", ""), "type"), retry
    )
    return Event(event_id, topics, "private" in form, wire)


def encode_event(event_id: str, data: str, kind: str = "", retry: str = "") -> bytes:
    """One event in the text/event-stream format."""
    lines = [f"id: {event_id}"]
    if kind:
        lines.append(f"event: {kind}")
    if retry:
        lines.append(f"retry: {retry}")
    lines.extend(f"data: {line}" for line in _LINE_END.split(data))
    return ("\n".join(lines) + "\n\n").encode()


def stream_head(last_event_id: str | None) -> bytes:
    """The head of an event stream; the wait before coming back differs for each subscriber."""
    known = f"Last-Event-ID: {last_event_id}\r\n" if last_event_id is not None else ""
    # Not for secrecy: it spreads the return of thousands of subscribers.
    retry = random.randint(*RETRY_MILLISECONDS)  # noqa: S311
    return (
        "HTTP/1.1 200 OK\r\n"
        "Content-Type: text/event-stream\r\n"
        "Cache-Control: no-store\r\n"
        "X-Accel-Buffering: no\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Connection: close\r\n"
        f"{known}\r\n"
        f"retry: {retry}\n\n"
    ).encode("latin-1")


def _claims(
    head: RequestHead, fields: list[tuple[str, str]], key: bytes, now: float
) -> Claims | None:
    authorization = _text(head.get(b"authorization"))
    if authorization:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise Refused(401, "authorise with a bearer token")
        return _verified(token.strip(), key, now)
    token = next((value for name, value in fields if name == "authorization"), "")
    if token:
        return _verified(token, key, now)
    token = _cookie(head)
    if not token:
        return None
    if head.method != b"GET":
        _check_same_origin(head)
    try:
        return verify(token, key, now)
    except BadToken as error:
        if error.expired:
            # A page left open overnight keeps the public notices; it only loses the private ones.
            return None
        raise Refused(401, str(error)) from None


def _verified(token: str, key: bytes, now: float) -> Claims:
    try:
        return verify(token, key, now)
    except BadToken as error:
        raise Refused(401, str(error)) from None


def _cookie(head: RequestHead) -> str:
    for line in head.all(b"cookie"):
        for part in _text(line).split(";"):
            name, _, value = part.strip().partition("=")
            if name == COOKIE:
                return value.strip('"')
    return ""


def _check_same_origin(head: RequestHead) -> None:
    """A cookie travels with requests that other sites make: only our own pages may use it."""
    origin = head.get(b"origin") or head.get(b"referer") or b""
    authority = origin.partition(b"://")[2].partition(b"/")[0]
    if authority != head.host:
        raise Refused(403, "a cookie allows publishing from the same origin only")


def _fields(query: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query.decode("ascii"), errors="strict", max_num_fields=200)
    except ValueError:
        raise Refused(400, "malformed query") from None


def _text(value: bytes | None) -> str:
    return value.decode("utf-8", "replace") if value else ""


def _single_line(value: str, name: str) -> str:
    if len(value) > MAX_ID or not value.isprintable():
        raise Refused(400, f"{name}: at most {MAX_ID} characters, none of control")
    return value
