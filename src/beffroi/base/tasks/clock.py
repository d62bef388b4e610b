"""What time it is for tasks: one clock for all workers, which may be set back."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import connection, transaction
from django.db.models import F

from beffroi.base.tasks.models import Clock, Schedule, Task

#: Smaller steps back are waited for: no task is late by more than this because of them.
SMALLEST_JUMP = timedelta(seconds=2)


def now() -> datetime:
    """The database's clock on PostgreSQL, where workers live on several machines; else ours."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            moment: datetime = cursor.fetchone()[0]
            return moment
    return _wall()


def follow_jumps(lease: timedelta) -> timedelta:
    """Notice that the machine's clock was set back, and bring forward what would now be late.

    Returns by how much it was set back since it was last looked at (zero: it was not).
    Tasks planned for a date keep it. Leases of living workers are renewed in the new time, so
    only leases longer than one can be are shortened.
    """
    if connection.vendor == "postgresql":
        return timedelta(0)
    boot, offset = _boot(), round((_wall().timestamp() - _since_start()) * 1000)
    seen = Clock.objects.filter(pk=1).first()
    if seen is not None and seen.boot == boot and abs(offset - seen.offset_ms) < 1000:
        return timedelta(0)
    with transaction.atomic():
        seen = Clock.objects.filter(pk=1).first()
        Clock.objects.update_or_create(pk=1, defaults={"boot": boot, "offset_ms": offset})
        if seen is None or seen.boot != boot:
            return timedelta(0)
        back = timedelta(milliseconds=seen.offset_ms - offset)
        if back < SMALLEST_JUMP:
            return timedelta(0)
        alive = Task.objects.filter(failed_at__isnull=True)
        alive.filter(token="").exclude(planned=True, tries=0).update(due=F("due") - back)
        alive.exclude(token="").filter(due__gt=_wall() + lease).update(due=F("due") - back)
        Schedule.objects.update(next=F("next") - back)
        return back


def _wall() -> datetime:
    return datetime.now(UTC)


def _since_start() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
