from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from beffroi.base.authorities.models import Authority
from beffroi.base.retention.public import days_for
from beffroi.base.tasks.public import every, task

from . import actions
from .models import Appointment, Claim, ResourceKind, Status

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
    """Delete holds that came to nothing, and appointments kept as long as the authority chose."""
    now = timezone.now()
    _delete(Appointment.objects.filter(status=Status.EXPIRED, changed_at__lt=now - UNUSED_KEPT))
    for authority in Authority.objects.all():
        kept = dt.timedelta(days=days_for(authority, "appointments.Appointment"))
        _delete(
            Appointment.objects.filter(authority=authority, ends_at__lt=now - kept).exclude(
                status=Status.HELD
            )
        )


def _delete(forgotten: QuerySet[Appointment]) -> None:
    """In batches, so that a booking never waits long."""
    while batch := list(forgotten.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            Claim.objects.filter(resource_kind=ResourceKind.AGENT, holder_id__in=batch).delete()
            Appointment.objects.filter(pk__in=batch).delete()
