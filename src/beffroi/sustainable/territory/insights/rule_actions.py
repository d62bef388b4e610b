"""Writing rules, and letting them speak."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from beffroi.base.access.public import Actor, PermissionDenied
from beffroi.base.audit.public import record
from beffroi.base.authorities.models import Street
from beffroi.base.provenance.public import link
from beffroi.sustainable.territory.objects.public import Datastream

from .models import Rule, RuleState, Watch


@transaction.atomic
def draft_rule(
    actor: Actor,
    fields: Mapping[str, Any],
    datastreams: Iterable[Datastream],
    streets: Iterable[Street] = (),
) -> Rule:
    """The first version of a rule, asleep until somebody activates it."""
    actor.require("insights.rules")
    rule = Rule(authority=actor.authority, **fields)
    _keep(rule, actor, datastreams, streets)
    record(actor, "rule.drafted", rule, version=rule.version)
    return rule


@transaction.atomic
def edit_rule(
    actor: Actor,
    rule: Rule,
    fields: Mapping[str, Any],
    datastreams: Iterable[Datastream],
    streets: Iterable[Street] = (),
) -> Rule:
    """A draft is changed; of a rule that has spoken a new version is drafted, the old one stays as it was."""
    rule = _owned(actor, rule)
    previous = None
    if rule.state != RuleState.DRAFT:
        previous = rule
        highest = Rule.objects.filter(line=rule.line).aggregate(Max("version"))["version__max"]
        rule = Rule(authority=rule.authority, line=rule.line, version=highest + 1)
    for name, value in fields.items():
        setattr(rule, name, value)
    _keep(rule, actor, datastreams, streets)
    if previous is not None:
        link(rule, previous, note=_("version précédente"))
    record(actor, "rule.edited", rule, version=rule.version)
    return rule


@transaction.atomic
def activate(actor: Actor, rule: Rule) -> Rule:
    """Let the rule speak from the next reading on; the version that was active gives it its memory,
    so that what is open now is closed by the new one and is not found a second time."""
    rule = _owned(actor, rule)
    if rule.state == RuleState.ACTIVE:
        return rule
    if not rule.datastreams.exists():
        raise ValidationError(_("Choisissez au moins une série avant d’activer la règle."))
    for former in Rule.objects.filter(line=rule.line, state=RuleState.ACTIVE):
        Rule.objects.filter(pk=former.pk).update(state=RuleState.RETIRED)
        kept = Watch.objects.filter(rule=former, datastream__in=rule.datastreams.all())
        Watch.objects.filter(rule=rule).delete()
        for watch in kept:
            Watch.objects.create(
                rule=rule,
                datastream_id=watch.datastream_id,
                state=watch.state,
                insight_id=watch.insight_id,
            )
    rule.state, rule.activated_at = RuleState.ACTIVE, timezone.now()
    rule.save(update_fields=["state", "activated_at"])
    record(actor, "rule.activated", rule, version=rule.version)
    return rule


@transaction.atomic
def retire(actor: Actor, rule: Rule) -> Rule:
    """Silence the rule. What it found stays as it is, for a person to deal with."""
    rule = _owned(actor, rule)
    rule.state = RuleState.RETIRED
    rule.save(update_fields=["state"])
    record(actor, "rule.retired", rule, version=rule.version)
    return rule


def _keep(
    rule: Rule, actor: Actor, datastreams: Iterable[Datastream], streets: Iterable[Street]
) -> None:
    chosen = list(datastreams)
    if any(stream.authority_id != actor.authority.pk for stream in chosen):
        raise PermissionDenied("insights.rules")
    if rule.crew is not None and rule.crew.authority_id != actor.authority.pk:
        raise ValidationError(_("Cette équipe dépend d’une autre collectivité."))
    rule.full_clean()
    rule.save()
    rule.datastreams.set(chosen)
    rule.streets.set(streets)


def _owned(actor: Actor, rule: Rule) -> Rule:
    """The row, locked, when the rule is the actor's authority's own."""
    actor.require("insights.rules")
    found = (
        Rule.objects.select_for_update(of=("self",))
        .select_related("authority", "crew")
        .filter(pk=rule.pk, authority=actor.authority)
        .first()
    )
    if found is None:
        raise PermissionDenied("insights.rules")
    return found
