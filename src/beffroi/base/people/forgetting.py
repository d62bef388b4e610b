"""What is left of people when nothing needs it any more: persons without any matter, old sessions,
the register of sign-ins."""

from __future__ import annotations

import datetime as dt

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, ForeignObjectRel, OuterRef, QuerySet
from django.utils import timezone

from beffroi.base.authorities.models import Authority
from beffroi.base.retention.public import days_for

from .models import Person

BATCH = 500
#: CNIL, recommendation on logging of 14 October 2021: six months to one year.
SIGN_INS_KEPT = dt.timedelta(days=366)
#: Wrong tries only serve to close an account for a quarter of an hour.
WRONG_TRIES_KEPT = dt.timedelta(days=1)


def forget_persons() -> int:
    """Delete persons without account to whom no row leads any more; returns how many.

    A booking writes down a name and an address; when it has been forgotten, they must go too.
    """
    forgotten = 0
    for authority in Authority.objects.all():
        before = timezone.now() - dt.timedelta(days=days_for(authority, "people.Person"))
        found = _without_matter().filter(authority=authority, created_at__lt=before)
        while batch := list(found.values_list("pk", flat=True)[:BATCH]):
            with transaction.atomic():
                forgotten += _without_matter().filter(pk__in=batch).delete()[0]
    return forgotten


def forget_sign_ins() -> None:
    """Delete ended sessions, which hold what a visitor typed, and old sign-ins."""
    now = timezone.now()
    Session.objects.filter(expire_date__lt=now).delete()
    AccessAttempt.objects.filter(attempt_time__lt=now - WRONG_TRIES_KEPT).delete()
    for log in (AccessLog, AccessFailureLog):
        log.objects.filter(attempt_time__lt=now - SIGN_INS_KEPT).delete()


def forget_sign_ins_of(email: str) -> None:
    for log in (AccessAttempt, AccessLog, AccessFailureLog):
        log.objects.filter(username__iexact=email).delete()


def _without_matter() -> QuerySet[Person]:
    """Persons to whom no row of any room leads."""
    found = Person.objects.all()
    for relation in Person._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel):
            rows = relation.related_model._default_manager.filter(
                **{relation.field.name: OuterRef("pk")}
            )
            found = found.filter(~Exists(rows))
    return found
