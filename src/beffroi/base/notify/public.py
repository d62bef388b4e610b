"""What rooms use to write to people. Nothing leaves here: the worker sends after the commit."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import models

from beffroi.base.authorities.models import Authority

from . import actions, queries
from .addresses import absolute_url, origin_of
from .engine.mime import Attached, UnsafeAddress
from .kinds import MailKind, declare_kind
from .models import Consent, Mail, MailState
from .recipients import recipient_hash
from .server import server_state

__all__ = [
    "Attached", "Consent", "Mail", "MailKind", "MailState", "UnsafeAddress", "absolute_url", "ask_consent",
    "declare_kind", "erase_recipient", "origin_of", "queue_delivery", "recipient_hash", "send_mail", "server_state",
    "subscriber_count", "subscribers",
]  # fmt: skip


def send_mail(
    authority: Authority,
    to: str,
    subject: str,
    text: str,
    html: str | None = None,
    *,
    kind: str = "transactional",
    subject_obj: models.Model | None = None,
    occasion: str = "",
    attachments: Sequence[Attached] = (),
    consent: Consent | None = None,
    language: str = "fr",
    deliver_now: bool = True,
) -> Mail:
    """Writes one mail into the caller's transaction; the worker hands it to the server after.

    `kind` is a declared kind (`declare_kind`). One row exists per kind, `subject_obj` with
    `occasion` ("v2", "reminder") and recipient: a second call returns the first row and sends
    nothing. A kind that is not transactional needs `consent`, or a consent of this kind without
    scope; otherwise the row is kept as `withheld`. `deliver_now=False` leaves it to a batch of the
    caller (`notify.deliver`). Raises ValidationError for an impossible address or more than
    5 Mo attached, ValueError for an undeclared kind.
    """
    return actions.queue_mail(
        authority, to, subject, text, html, kind, subject_obj, occasion, attachments, consent,
        language, deliver_now,
    )  # fmt: skip


def ask_consent(
    authority: Authority, kind: str, to: str, *, scope: str = "", title: str, language: str = "fr"
) -> None:
    """Begins a double opt-in: writes to `to` once, with a link; silent about what is known of it.

    Raises ValidationError for an impossible address.
    """
    actions.ask_consent(authority, kind, to, scope=scope, title=title, language=language)


def subscribers(
    authority: Authority, kind: str, scopes: Sequence[str], after: int = 0, limit: int = 50
) -> list[Consent]:
    """The next consents given to this kind for any of these scopes, by key, after `after`."""
    return queries.subscribers(authority, kind, scopes, after, limit)


def subscriber_count(authority: Authority, kind: str, scopes: Sequence[str]) -> int:
    """How many addresses, counted once each, would receive a mail of this kind for these scopes."""
    return queries.subscriber_count(authority, kind, scopes)


def queue_delivery(mail_ids: Sequence[int]) -> None:
    """Delivers rows written with `deliver_now=False`, over one connection."""
    if mail_ids:
        actions.queue_delivery(list(mail_ids))


def erase_recipient(email: str) -> int:
    """Erases a person's address and the contents sent to it; returns the number of mails emptied."""
    return actions.erase_recipient(email)
