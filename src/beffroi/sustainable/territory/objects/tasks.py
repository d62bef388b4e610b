from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from beffroi.base.authorities.models import Authority
from beffroi.base.retention.public import days_for
from beffroi.base.tasks.public import every, task

from .queries import milliseconds
from .telemetry import telemetry


@task("objects.drop_old_months")
def drop_old_months() -> None:
    """Drop the months of readings that no authority keeps any more: whole files, never rows."""
    kept = [days_for(authority, "objects.Datastream") for authority in Authority.objects.all()]
    if kept:
        telemetry().forget_before(milliseconds(timezone.now() - timedelta(days=max(kept))))


every("objects.drop_old_months", seconds=86_400)(drop_old_months)
