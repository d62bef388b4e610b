"""What interventions registers with the house when it starts: the desk, the cord, the menus."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beffroi.base.access.public import Actor
from beffroi.base.design.public import register_menu
from beffroi.base.desk.public import WorkItem, register_work
from beffroi.base.provenance.public import Step, describe

from .models import State
from .queries import interventions_for, open_interventions

MOST_WORK = 200


def connect() -> None:
    register_work("interventions", waiting)
    describe("interventions.intervention", step)
    register_menu(
        "desk",
        22,
        gettext_lazy("Interventions"),
        "interventions:interventions",
        permission="interventions.see",
    )


def waiting(actor: Actor) -> list[WorkItem]:
    """The interventions under way, and those that only wait to be closed."""
    if not actor.may("interventions.see"):
        return []
    found = (
        open_interventions(actor)
        .prefetch_related("crew__members")
        .order_by("-severity", "-created_at")
    )
    return [
        WorkItem(
            kind=_("Intervention"),
            ref=intervention.ref,
            title=intervention.title,
            detail=_("à clore : mesures normales")
            if intervention.state == State.TO_CLOSE and intervention.is_verified
            else intervention.get_state_display(),
            at=intervention.due or intervention.created_at,
            url=reverse("interventions:intervention", args=[intervention.ref]),
            mine=intervention.crew is not None and actor.account in intervention.crew.members.all(),
            team=True,
            severity=intervention.severity,
            service=intervention.get_domain_display(),
        )
        for intervention in found[:MOST_WORK]
    ]


def step(intervention_id: int, version: int | None, actor: Actor) -> Step | None:
    if not actor.may("interventions.see"):
        return None
    intervention = interventions_for(actor).filter(pk=intervention_id).first()
    if intervention is None:
        return None
    crew = intervention.crew.name if intervention.crew else _("aucune équipe")
    detail = f"{crew} · {intervention.get_state_display()}"
    if intervention.is_verified:
        detail += " · " + _("vérifiée par les mesures")
    return Step(
        kind_label=_("Intervention"),
        title=intervention.title,
        detail=detail,
        at=intervention.closed_at or intervention.created_at,
        url=reverse("interventions:intervention", args=[intervention.ref]),
        state="done" if intervention.state == State.CLOSED else "next",
    )
