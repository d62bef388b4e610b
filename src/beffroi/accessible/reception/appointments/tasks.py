from __future__ import annotations

import datetime as dt

from django.utils import timezone

from beffroi.base.tasks.public import every, task

from . import actions
from .models import TAKING, Appointment, Claim, ResourceKind, Status

#: Appointments are kept two years after they took place, then forgotten with what was given.
KEPT = dt.timedelta(days=730)
UNUSED_KEPT = dt.timedelta(days=1)
BATCH = 500


@task("appointments.expire", urgent=True)
def expire(appointment_id: int) -> None:
    """End a hold whose five minutes are over, and show its slot again on open pages."""
    appointment = Appointment.objects.filter(pk=appointment_id).first()
    if appointment is not None:
        actions.expire(appointment)


@every("appointments.expire_due", seconds=60)
def expire_due() -> None:
    """End the holds that no task of their own has ended."""
    due = Appointment.objects.filter(status=Status.HELD, held_until__lte=timezone.now())
    for appointment in due[:BATCH]:
        actions.expire(appointment)


@every("appointments.forget", seconds=24 * 3600)
def forget() -> None:
    """Delete holds that came to nothing, and appointments two years after they took place."""
    now = timezone.now()
    unused = Appointment.objects.filter(status=Status.EXPIRED, changed_at__lt=now - UNUSED_KEPT)
    old = Appointment.objects.filter(status__in=[*TAKING, Status.CANCELLED], ends_at__lt=now - KEPT)
    for forgotten in (unused, old):
        while batch := list(forgotten.values_list("pk", flat=True)[:BATCH]):
            Claim.objects.filter(resource_kind=ResourceKind.AGENT, holder_id__in=batch).delete()
            Appointment.objects.filter(pk__in=batch).delete()
