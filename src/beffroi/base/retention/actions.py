from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from beffroi.base.access.public import Actor
from beffroi.base.audit.public import record
from beffroi.base.authorities.models import Authority

from .models import Duration
from .rules import Rule, all_rules, durations_of

#: Rows removed in one transaction: bookings wait for none of them.
BATCH = 500


@transaction.atomic
def choose_duration(actor: Actor, kind: str, days: int) -> Duration:
    actor.require("retention.edit")
    rule = next((rule for rule in all_rules() if rule.kind == kind), None)
    if rule is None:
        raise ValidationError(_("Cette nature de données n’existe pas."))
    if days < rule.least:
        raise ValidationError(
            _("Ces données se gardent au moins %(days)s jours. Rien n’a été changé.")
            % {"days": rule.least}
        )
    chosen = Duration(authority=actor.authority, kind=kind, days=days)
    chosen.clean_fields()
    chosen, _created = Duration.objects.update_or_create(
        authority=actor.authority, kind=kind, defaults={"days": days}
    )
    record(actor, "retention.chosen", chosen, kind=kind, days=days)
    return chosen


class NotAllRemoved(Exception):
    """Some kinds of data could not be removed; the others were."""


def sweep(now: dt.datetime | None = None) -> dict[str, int]:
    """Remove what has been kept long enough, over all authorities; counts by kind.

    A kind that the database refuses to remove does not keep the others: NotAllRemoved is raised
    after them.
    """
    now = now or timezone.now()
    removed: dict[str, int] = {}
    refused: dict[str, DatabaseError] = {}
    authorities = list(Authority.objects.all())
    for rule in all_rules():
        if not rule.since:
            continue
        for authority in authorities if rule.path_to_authority else [None]:
            try:
                count = _remove_old(rule, authority, now)
            except DatabaseError as error:
                refused[rule.kind] = error
                continue
            if count:
                removed[rule.kind] = removed.get(rule.kind, 0) + count
    if refused:
        raise NotAllRemoved(", ".join(f"{kind}: {error}" for kind, error in refused.items()))
    return removed


def _remove_old(rule: Rule, authority: Authority | None, now: dt.datetime) -> int:
    days = max(durations_of(authority)[rule.kind] if authority else rule.days, rule.least)
    rows = rule.model._default_manager.all()
    old = rows.filter(**{f"{rule.since}__lt": now - dt.timedelta(days=days)})
    if authority:
        old = old.filter(**{rule.path_to_authority: authority})
    count = 0
    while batch := list(old.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            rows.filter(pk__in=batch).delete()
        count += len(batch)
    return count
