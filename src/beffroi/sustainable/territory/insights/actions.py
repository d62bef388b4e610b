"""What a person decides on an insight. Each verb: permission, change, event, audit, one commit."""

from __future__ import annotations

from collections import defaultdict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from beffroi.accessible.information.broadcast.public import Notice, propose
from beffroi.base.access.public import Actor, PermissionDenied, visible
from beffroi.base.audit.public import record
from beffroi.base.authorities.models import Authority, Street
from beffroi.base.outbox.public import announce, emit
from beffroi.base.provenance.public import readings_behind
from beffroi.sustainable.territory.interventions.public import (
    Intervention,
    create_from,
    desk_topics,
)

from .models import LIVE_STATES, Insight, InsightState
from .watching import blanks
from .wording import fill


class NotPossible(ValidationError):
    """The insight is no longer in a state that allows this; the text says what it is in."""


@transaction.atomic
def send_crew(actor: Actor, insight: Insight) -> tuple[Intervention, list[Notice]]:
    """One click: the crew of the rule is sent, and the notice of the rule is proposed to the street.

    A second click returns what the first one made.
    """
    insight = _locked(actor, insight)
    _require_live(insight)
    thing = insight.datastream.thing
    intervention = create_from(
        actor,
        insight,
        insight.name,
        insight.rule.crew,
        thing.street.name if thing.street else thing.name,
        streets_of(insight),
        position=(thing.latitude, thing.longitude),
    )
    notices = _propose_notices(actor, insight) if insight.rule.proposes_notice else []
    if insight.state == InsightState.OPEN:
        insight.state = InsightState.TAKEN
        insight.save(update_fields=["state"])
        record(actor, "insight.taken", insight)
        _tell(insight)
    return intervention, notices


@transaction.atomic
def warn_street(actor: Actor, insight: Insight) -> list[Notice]:
    """Propose the notice to the authorities of the streets concerned; a person of each publishes."""
    insight = _locked(actor, insight)
    _require_live(insight)
    if not streets_of(insight):
        raise NotPossible(
            _("Aucune rue n’est liée à cet objet ni à sa règle : ajoutez-en une, puis recommencez.")
        )
    notices = _propose_notices(actor, insight)
    record(actor, "insight.street_warned", insight, notices=len(notices))
    return notices


@transaction.atomic
def dismiss(actor: Actor, insight: Insight, reason: str) -> Insight:
    """A person knows better: what the insight led to is asked to end. The reason is kept."""
    insight = _locked(actor, insight)
    if insight.state == InsightState.DISMISSED:
        return insight
    _require_live(insight)
    if not reason.strip():
        raise ValidationError(_("Écrivez en quelques mots pourquoi : la règle en sera améliorée."))
    insight.state, insight.dismissed_reason = InsightState.DISMISSED, " ".join(reason.split())[:300]
    insight.save(update_fields=["state", "dismissed_reason"])
    record(actor, "insight.dismissed", insight)
    emit("insight_ended", insight, ref=insight.ref, dismissed=True, by=actor.name)
    _tell(insight)
    return insight


def streets_of(insight: Insight) -> list[Street]:
    """The streets to warn: those of the rule, else that of the thing."""
    streets = list(insight.rule.streets.select_related("authority"))
    own = insight.datastream.thing.street
    return streets or ([own] if own else [])


def _propose_notices(actor: Actor, insight: Insight) -> list[Notice]:
    """One notice for each authority whose streets are concerned; the same ones at a second call."""
    rule, stream = insight.rule, insight.datastream
    words = blanks(
        rule,
        stream,
        round(insight.onset.timestamp() * 1000),
        round(insight.opened_at.timestamp() * 1000),
        insight.peak,
        insight.held,
        insight.usual,
    )
    by_authority: defaultdict[Authority, list[Street]] = defaultdict(list)
    for street in streets_of(insight):
        by_authority[street.authority].append(street)
    readings = readings_behind(insight)
    notices = []
    for authority, streets in by_authority.items():
        own = actor.authority in (authority, insight.authority)
        # A street of a third authority: the holder's rule proposes, that authority decides.
        proposer = actor if own else Actor.system(insight.authority, str(rule))
        notices.append(
            propose(
                proposer,
                insight,
                authority,
                fill(rule.notice_title or insight.title, words)[:120],
                fill(rule.notice_body, words)
                or _("Nos équipes sont prévenues et se rendent sur place."),
                insight.severity,
                insight.domain,
                streets,
                readings=readings[-1:],
            )
        )
    return notices


def _locked(actor: Actor, insight: Insight) -> Insight:
    actor.require("insights.act")
    insights = Insight.objects.select_related(
        "authority", "rule__authority", "rule__crew", "datastream__thing__street__authority"
    )
    found = (
        visible(insights, actor, "act")
        .select_for_update(of=("self",))
        .filter(pk=insight.pk)
        .first()
    )
    if found is None:
        raise PermissionDenied("insights.act")
    return found


def _require_live(insight: Insight) -> None:
    if insight.state not in LIVE_STATES:
        raise NotPossible(_("Ce constat est terminé ou écarté : rien n’a été modifié."))


def _tell(insight: Insight) -> None:
    announce(desk_topics(insight.authority, insight.domain), {"kind": "insight"}, private=True)
