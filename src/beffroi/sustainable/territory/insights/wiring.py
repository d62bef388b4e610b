"""What insights registers with the house when it starts: readings, the desk, the cord, the menus."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beffroi.base.access.public import Actor
from beffroi.base.design.public import register_menu
from beffroi.base.desk.public import WorkItem, register_work
from beffroi.base.provenance.public import Step, describe
from beffroi.sustainable.territory.objects.public import register_annotator, register_observer

from .drawing import annotate
from .models import Insight, InsightState
from .queries import insights_for, rules_for
from .sayings import said_condition
from .watching import observe

MOST_WORK = 200


def connect() -> None:
    register_observer(observe)
    register_annotator(annotate)
    register_work("insights", waiting)
    describe("insights.rule", rule_step)
    describe("insights.insight", insight_step)
    register_menu(
        "desk", 20, gettext_lazy("Constats"), "insights:insights", permission="insights.see"
    )
    register_menu("desk", 25, gettext_lazy("Règles"), "insights:rules", permission="insights.rules")


def waiting(actor: Actor) -> list[WorkItem]:
    """The insights that nobody has dealt with yet."""
    if not actor.may("insights.act"):
        return []
    found = insights_for(actor).filter(state=InsightState.OPEN).order_by("-severity", "-opened_at")
    return [
        WorkItem(
            kind=_("Constat"),
            ref=insight.ref,
            title=insight.name,
            detail=_detail(insight),
            at=insight.opened_at,
            url=reverse("insights:insight", args=[insight.ref]),
            team=True,
            severity=insight.severity,
            service=insight.get_domain_display(),
        )
        for insight in found[:MOST_WORK]
    ]


def _detail(insight: Insight) -> str:
    crew = insight.rule.crew
    if crew is None:
        return insight.title
    return f"{insight.title} · " + _("proposé : équipe %(crew)s") % {"crew": crew.name}


def rule_step(rule_id: int, version: int | None, actor: Actor) -> Step | None:
    if not actor.may("insights.see"):
        return None
    rule = rules_for(actor).filter(pk=rule_id).first()
    if rule is None:
        return None
    return Step(
        kind_label=_("Règle"),
        title=_("Règle « %(name)s » v%(version)s") % {"name": rule.name, "version": rule.version},
        detail=said_condition(rule),
        url=reverse("insights:rule", args=[rule.line, rule.version]),
    )


def insight_step(insight_id: int, version: int | None, actor: Actor) -> Step | None:
    if not actor.may("insights.see"):
        return None
    insight = insights_for(actor).filter(pk=insight_id).first()
    if insight is None:
        return None
    return Step(
        kind_label=_("Constat"),
        title=insight.name,
        detail=f"{insight.title} · {insight.get_state_display()}",
        at=insight.opened_at,
        url=reverse("insights:insight", args=[insight.ref]),
    )
