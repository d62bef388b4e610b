from __future__ import annotations

from django.db import transaction
from django.db.models import Min

from beffroi.base.notify.public import queue_delivery, send_mail, subscribers
from beffroi.base.outbox.models import Announcement
from beffroi.base.tasks.public import TryLater, enqueue, every, task

from .actions import end_expired
from .mails import STREET_KIND, letter_of, scopes_of
from .models import Notice, NoticeVersion, State

BATCH = 50


@task(name="broadcast.expire", tries=8)
def expire(notice_id: int) -> None:
    """Ends a notice whose time has come; one whose end was moved later is left alone."""
    end_expired(notice_id)


@every("broadcast.expire_due", seconds=60)
def expire_due() -> None:
    """Ends whatever has passed its end, should its own task be lost."""
    end_expired()


@task(name="broadcast.note_acceptance", tries=20, first_wait=1.0, longest_wait=60.0)
def note_acceptance(notice_id: int, version: int) -> None:
    """Copies to the version the moment when the hub had it: the outbox forgets after a month."""
    row = NoticeVersion.objects.select_related("notice").get(notice_id=notice_id, version=version)
    accepted = Announcement.objects.filter(
        data__notice=row.notice.ref,
        data__version=version,
        published_at__isnull=False,
        created_at__gte=row.notice.created_at,
    ).aggregate(first=Min("published_at"))["first"]
    if accepted is None:
        raise TryLater("the hub has not accepted it yet", 10.0)
    NoticeVersion.objects.filter(pk=row.pk, accepted_at=None).update(accepted_at=accepted)


@task(name="broadcast.mail_subscribers", tries=8, longest_wait=300.0)
def mail_subscribers(notice_id: int, occasion: str, after: int) -> None:
    """Writes to the next batch of subscribers of the notice's streets, then plans the one after.

    Resumable: a batch and the plan of the next are one commit. Nobody twice: one row exists per
    notice, occasion and recipient, even for who follows two of its streets.
    """
    notice = (
        Notice.objects.select_related("authority").prefetch_related("streets").get(pk=notice_id)
    )
    wanted = State.PUBLISHED if occasion == "published" else State.ENDED
    if notice.state != wanted:
        return
    batch = subscribers(notice.authority, STREET_KIND, scopes_of(notice), after, BATCH)
    if not batch:
        return
    with transaction.atomic():
        rows = []
        for consent in batch:
            letter = letter_of(notice, occasion, consent.language)
            mail = send_mail(
                notice.authority,
                consent.recipient,
                letter.subject,
                letter.text,
                kind=STREET_KIND,
                subject_obj=notice,
                occasion=occasion,
                consent=consent,
                language=consent.language,
                deliver_now=False,
            )
            rows.append(mail.pk)
        queue_delivery(rows)
        last = batch[-1].pk
        enqueue(
            mail_subscribers,
            notice_id=notice_id,
            occasion=occasion,
            after=last,
            key=f"broadcast.mail:{notice_id}:{occasion}:{last}",
        )
