"""Delivery by the worker: never inside a transaction, every attempt noted before it is made."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.html import escape
from django.utils.translation import gettext as _

from beffroi.base.authorities.models import Authority
from beffroi.base.retention.public import days_for
from beffroi.base.tasks.public import every, task
from beffroi.project.configuration import value

from .actions import forget, objection, queue_delivery, suppress
from .adapters.smtp import Answer, Outcome, Session
from .addresses import absolute_url
from .engine.mime import Attached, Letter, UnsafeAddress, compose, plain_address
from .kinds import kind_named
from .models import Consent, ConsentState, Mail, MailState
from .server import configured_server

#: Waits between tries, almost five days in all: what RFC 5321 4.5.4.1 asks of a sender.
WAITS = tuple(timedelta(minutes=m) for m in (0.5, 2, 10, 30, 120, 360, 720, 1440, 1440, 1440, 1440))
BATCH = 50
#: A row that is due for so long lost its task (failed for good, restored backup): it gets a new one.
RESCUE_AFTER = timedelta(minutes=30)


@task(name="notify.deliver", tries=8)
def deliver(mail_ids: list[int]) -> None:
    """Hands these mails to the server, over one connection; those already settled are skipped."""
    waiting = list(
        Mail.objects.filter(pk__in=mail_ids, state=MailState.QUEUED)
        .select_related("authority", "consent")
        .prefetch_related("attachments")
        .order_by("pk")
    )
    waiting = [mail for mail in waiting if _may_leave(mail)]
    if not waiting:
        return
    server = configured_server()
    if server is None:
        Mail.objects.filter(pk__in=[mail.pk for mail in waiting]).update(
            state=MailState.NOT_CONFIGURED
        )
        return
    try:
        with server.session() as session:
            while waiting:
                _attempt(session, waiting[0])
                del waiting[0]
    except (OSError, smtplib.SMTPException) as error:
        for mail in waiting:
            _settle(mail, Answer(Outcome.TEMPORARY, f"{type(error).__name__}: {error}"))


def _may_leave(mail: Mail) -> bool:
    """Consent may have been withdrawn since the mail was queued."""
    if kind_named(mail.kind).transactional:
        return True
    reason = objection(mail.consent, mail.recipient_hash)
    if reason:
        Mail.objects.filter(pk=mail.pk).update(state=MailState.WITHHELD, reason=reason)
    return not reason


def _attempt(session: Session, mail: Mail) -> None:
    Mail.objects.filter(pk=mail.pk).update(tried_at=timezone.now())
    try:
        message = compose(_letter(mail))
    except UnsafeAddress as error:
        _settle(mail, Answer(Outcome.PERMANENT, f"address not usable: {error}"))
        return
    sender = plain_address(value("BEFFROI_MAIL_FROM"))
    _settle(mail, session.send(sender, mail.recipient, message))


def _settle(mail: Mail, answer: Answer) -> None:
    # Servers repeat the address in their answers, and the log outlives it.
    reason = re.sub(re.escape(mail.recipient), "…", answer.reason, flags=re.IGNORECASE)
    answer = replace(answer, reason=reason)
    now = timezone.now()
    row = Mail.objects.filter(pk=mail.pk, state=MailState.QUEUED)
    if answer.outcome is Outcome.ACCEPTED:
        row.update(state=MailState.SENT, reason=answer.reason, sent_at=now, tries=F("tries") + 1)
        return
    if answer.outcome is Outcome.PERMANENT:
        row.update(state=MailState.REFUSED, reason=answer.reason, tries=F("tries") + 1)
        if answer.address_is_dead:
            suppress(mail.recipient, answer.reason)
        return
    if mail.tries >= len(WAITS):
        row.update(state=MailState.FAILED, reason=answer.reason, tries=F("tries") + 1)
        return
    with transaction.atomic():
        at = now + WAITS[mail.tries]
        row.update(reason=answer.reason[:300], tries=F("tries") + 1, next_try_at=at)
        queue_delivery([mail.pk], at=at, turn=mail.tries + 1)


def _letter(mail: Mail) -> Letter:
    sender = value("BEFFROI_MAIL_FROM")
    text, html, unsubscribe = mail.text, mail.html, ""
    if mail.consent_id is not None and not kind_named(mail.kind).transactional:
        assert mail.consent is not None  # noqa: S101 - consent_id says so; narrows the type
        unsubscribe = absolute_url(mail.authority, "notify:unsubscribe", ref=mail.consent.ref)
        with translation.override(mail.language):
            leave = _("Ne plus recevoir ces messages")
        text = f"{text.rstrip()}\n\n-- \n{leave} :\n{unsubscribe}\n"
        if html:
            html = f'{html}<p><a href="{escape(unsubscribe)}">{escape(leave)}</a></p>'
    return Letter(
        message_id=f"{mail.ref.lower()}@{plain_address(sender).rpartition('@')[2]}",
        sent_at=mail.created_at,
        sender=sender,
        sender_name=mail.authority.name,
        recipient=mail.recipient,
        reply_to=mail.authority.email,
        subject=mail.subject,
        text=text,
        html=html,
        language=mail.language,
        unsubscribe_url=unsubscribe,
        attachments=[
            Attached(a.name, a.content_type, bytes(a.data)) for a in mail.attachments.all()
        ],
    )


def resume() -> None:
    """Queues what waited for a mail server, and what lost its task."""
    if configured_server() is None:
        return
    overdue = timezone.now() - RESCUE_AFTER
    lost = Q(state=MailState.QUEUED) & (
        Q(next_try_at__lt=overdue)
        | Q(next_try_at=None, created_at__lt=overdue, tried_at=None)
        | Q(next_try_at=None, tried_at__lt=overdue)
    )
    ids = list(
        Mail.objects.filter(Q(state=MailState.NOT_CONFIGURED) | lost)
        .order_by("pk")
        .values_list("pk", flat=True)[: 20 * BATCH]
    )
    for batch in _batches(ids):
        with transaction.atomic():
            Mail.objects.filter(pk__in=batch).update(
                state=MailState.QUEUED, next_try_at=timezone.now()
            )
            queue_delivery(batch)


def forget_old() -> None:
    """Contents of settled mails and wishes never confirmed do not outlive their use."""
    now = timezone.now()
    settled = (MailState.SENT, MailState.REFUSED, MailState.FAILED, MailState.WITHHELD)
    for authority in Authority.objects.all():
        mails_before = now - timedelta(days=days_for(authority, "notify.Mail"))
        forget(
            Mail.objects.filter(
                authority=authority, erased_at=None, created_at__lt=mails_before, state__in=settled
            )
        )
        asked_before = now - timedelta(days=days_for(authority, "notify.Consent"))
        Consent.objects.filter(
            authority=authority, state=ConsentState.ASKED, asked_at__lt=asked_before
        ).delete()


def _batches(ids: list[int]) -> Iterable[list[int]]:
    return (ids[i : i + BATCH] for i in range(0, len(ids), BATCH))


every("notify.resume", seconds=60)(resume)
every("notify.forget_old", seconds=6 * 3600)(forget_old)
