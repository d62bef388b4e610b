from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from beffroi.base.access.public import Actor
from beffroi.base.audit.public import record
from beffroi.base.authorities.models import Authority

from .models import Duration
from .rules import all_rules, durations_of

#: Rows removed in one transaction: bookings wait for none of them.
BATCH = 500


@transaction.atomic
def choose_duration(actor: Actor, kind: str, days: int) -> Duration:
    actor.require("retention.edit")
    if kind not in {rule.kind for rule in all_rules()}:
        raise ValidationError(_("Cette nature de données n’existe pas."))
    chosen = Duration(authority=actor.authority, kind=kind, days=days)
    chosen.clean_fields()
    chosen, _created = Duration.objects.update_or_create(
        authority=actor.authority, kind=kind, defaults={"days": days}
    )
    record(actor, "retention.chosen", chosen, kind=kind, days=days)
    return chosen


def sweep(now: dt.datetime | None = None) -> dict[str, int]:
    """Remove what has been kept long enough, over all authorities; counts by kind."""
    now = now or timezone.now()
    removed: dict[str, int] = {}
    authorities = list(Authority.objects.all())
    for rule in all_rules():
        if not rule.since:
            continue
        for authority in authorities if rule.path_to_authority else [None]:
            days = durations_of(authority)[rule.kind] if authority else rule.days
            old = rule.model._default_manager.filter(
                **{f"{rule.since}__lt": now - dt.timedelta(days=days)}
            )
            if authority:
                old = old.filter(**{rule.path_to_authority: authority})
            while batch := list(old.values_list("pk", flat=True)[:BATCH]):
                with transaction.atomic():
                    rule.model._default_manager.filter(pk__in=batch).delete()
                removed[rule.kind] = removed.get(rule.kind, 0) + len(batch)
    return removed
