"""What is current, for whom, and how long it took."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from beffroi.base.authorities.models import Authority, Street

from .models import Notice, NoticeVersion, State

#: A fetch later than this was not caused by the call.
FRESH = timedelta(minutes=1)


def not_expired(at: datetime | None = None) -> Q:
    return Q(ends_at__isnull=True) | Q(ends_at__gt=at or timezone.now())


def current(authority: Authority, street: Street | None = None) -> QuerySet[Notice]:
    """Published and not expired, the most serious first; a street gets its own and everybody's."""
    notices = Notice.objects.filter(not_expired(), authority=authority, state=State.PUBLISHED)
    if street is not None:
        through = Notice.streets.through.objects.filter(notice_id=OuterRef("pk"))
        notices = notices.filter(Exists(through.filter(street_id=street.pk)) | ~Exists(through))
    return notices.select_related("authority").prefetch_related("streets")


def public_notice(authority: Authority, ref: str) -> Notice | None:
    """A notice that was published once, current or ended; drafts and proposals stay unknown."""
    return (
        Notice.objects.filter(authority=authority, ref=ref, published_at__isnull=False)
        .select_related("authority")
        .prefetch_related("streets")
        .first()
    )


def public_versions(notice: Notice) -> list[NoticeVersion]:
    """The versions that readers could see, oldest first."""
    return list(notice.versions.filter(state__in=(State.PUBLISHED, State.ENDED)))


def last_change(authority: Authority) -> datetime:
    """When the set of current notices last changed: a publication, an end, or an expiry."""
    now = timezone.now()
    shown = Notice.objects.filter(authority=authority, published_at__isnull=False)
    moments = [
        shown.order_by("-updated_at").values_list("updated_at", flat=True).first(),
        shown.filter(ends_at__lte=now)
        .order_by("-ends_at")
        .values_list("ends_at", flat=True)
        .first(),
    ]
    known = [moment for moment in moments if moment is not None]
    return max(known) if known else datetime(2026, 1, 1, tzinfo=timezone.get_default_timezone())


def note_delivery(authority: Authority) -> None:
    """An open page has just fetched the notices after a call of the hub: the first one is dated."""
    now = timezone.now()
    undated = NoticeVersion.objects.filter(
        notice__authority=authority,
        version=F("notice__version"),
        notice__published_at__isnull=False,
        delivered_at=None,
        at__gt=now - FRESH,
    )
    # Read first: most fetches find nothing to date, and a write waits for its turn.
    keys = list(undated.values_list("pk", flat=True)[:50])
    if keys:
        NoticeVersion.objects.filter(pk__in=keys, delivered_at=None).update(delivered_at=now)
