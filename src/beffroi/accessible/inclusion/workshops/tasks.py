from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from beffroi.accessible.reception.appointments.public import ResourceKind, release
from beffroi.base.authorities.models import Authority
from beffroi.base.retention.public import days_for
from beffroi.base.tasks.public import every, task

from . import actions
from .models import Registration, RegistrationState

BATCH = 500


@task("workshops.lapse", urgent=True)
def lapse(registration_id: int) -> None:
    """Give a seat that was offered in vain to the next who waits."""
    registration = Registration.objects.select_related("session").filter(pk=registration_id).first()
    if registration is not None:
        actions.lapse(registration)


@every("workshops.lapse_due", seconds=60)
def lapse_due() -> None:
    """End the offers that no task of their own has ended."""
    due = Registration.objects.filter(
        state=RegistrationState.OFFERED, offered_until__lte=timezone.now()
    )
    for registration in due.select_related("session")[:BATCH]:
        actions.lapse(registration)


@every("workshops.forget", seconds=24 * 3600)
def forget() -> None:
    """Delete who came, as long after the session as the authority chose."""
    for authority in Authority.objects.all():
        kept = dt.timedelta(days=days_for(authority, "workshops.Registration"))
        old = Registration.objects.filter(
            authority=authority, session__ends_at__lt=timezone.now() - kept
        )
        while batch := list(old.values_list("pk", flat=True)[:BATCH]):
            with transaction.atomic():
                release(ResourceKind.SESSION, batch)
                Registration.objects.filter(pk__in=batch).delete()
