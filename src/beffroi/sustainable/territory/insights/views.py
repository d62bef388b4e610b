from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from beffroi.accessible.information.broadcast.public import notice_for_cause
from beffroi.base.access.public import Actor, Request, door, follow, page
from beffroi.base.provenance.public import Step, chain, readings_behind
from beffroi.sustainable.territory.interventions.public import intervention_for_cause

from . import actions
from .drawing import chart_of_insight
from .forms import DismissForm
from .models import LIVE_STATES, Insight, InsightState
from .queries import insights_for
from .sayings import said_return

SHOWN_READINGS = 12


def _actor(request: Request) -> Actor:
    actor: Actor = request.actor
    return actor


@page("insights.see")
@require_GET
def insights(request: Request) -> HttpResponse:
    """What the rules found, the open ones first."""
    wanted = request.GET.get("etat", "")
    if wanted and wanted not in InsightState.values:
        raise Http404
    found = insights_for(_actor(request))
    found = found.filter(state=wanted) if wanted else found.filter(state__in=LIVE_STATES)
    pages = Paginator(found, 50)
    return render(
        request,
        "insights/insights.html",
        {
            "page_obj": pages.get_page(request.GET.get("page")),
            "states": InsightState.choices,
            "wanted": wanted,
        },
    )


def _insight(request: Request, ref: str) -> Insight:
    actor = _actor(request)
    return door(insights_for(actor), actor, ref=ref)


@page("insights.see")
@require_GET
def insight(request: Request, ref: str) -> HttpResponse:
    """One insight: what happened, why we say so, what can be done."""
    found = _insight(request, ref)
    response = _page(request, found, DismissForm())
    if not found.datastream.public:
        follow(request, response, [f"/series/{found.datastream_id}"])
    return response


def _page(request: Request, found: Insight, form: DismissForm) -> HttpResponse:
    actor = _actor(request)
    intervention = intervention_for_cause(found)
    live = found.state in LIVE_STATES
    readings = readings_behind(found)
    return render(
        request,
        "insights/insight.html",
        {
            "insight": found,
            "rule": found.rule,
            "stream": found.datastream,
            "chart": chart_of_insight(found),
            "readings": [
                (datetime.fromisoformat(str(row[0])), row[1], row[2])
                for row in readings[-SHOWN_READINGS:]
            ],
            "intervention": intervention,
            "notice": notice_for_cause(found),
            "may_act": live and actor.may("insights.act"),
            "streets": actions.streets_of(found),
            "form": form,
            "steps": [*chain(found, actor), *_planned(found, bool(intervention))],
            "topic": f"/series/{found.datastream_id}",
        },
        status=422 if form.errors else 200,
    )


def _planned(found: Insight, sent: bool) -> list[Step]:
    """What comes next on the cord, after what exists already."""
    steps = []
    if found.state == InsightState.OPEN and not sent and found.rule.crew:
        steps.append(Step(_("Intervention"), found.rule.crew.name, _("à décider"), state="next"))
    if (
        found.state == InsightState.OPEN
        and found.rule.proposes_notice
        and not notice_for_cause(found)
    ):
        streets = ", ".join(street.name for street in actions.streets_of(found))
        steps.append(Step(_("Annonce à la rue"), streets, _("à décider"), state="next"))
    if found.state in LIVE_STATES:
        steps.append(
            Step(
                _("Vérification"),
                _("par les mesures suivantes"),
                said_return(found.rule),
                state="next",
            )
        )
    elif found.state == InsightState.ENDED:
        steps.append(
            Step(
                _("Vérification"),
                _("mesures revenues à la normale"),
                said_return(found.rule),
                found.ended_at,
            )
        )
    return steps


@page("insights.act")
@require_POST
def send(request: Request, ref: str) -> HttpResponse:
    """One click: the crew and the proposed notice."""
    found = _insight(request, ref)
    try:
        intervention, notices = actions.send_crew(_actor(request), found)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect("insights:insight", ref=ref)
    crew = intervention.crew.name if intervention.crew else ""
    said = (
        _("L’équipe %(crew)s est envoyée.") % {"crew": crew}
        if crew
        else _("L’intervention est créée : choisissez une équipe.")
    )
    if notices:
        said += " " + _("Une annonce à la rue attend d’être publiée.")
    messages.success(request, said)
    return redirect("insights:insight", ref=ref)


@page("insights.act")
@require_POST
def warn(request: Request, ref: str) -> HttpResponse:
    """Propose the notice, and lead to it."""
    try:
        notices = actions.warn_street(_actor(request), _insight(request, ref))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect("insights:insight", ref=ref)
    messages.success(request, _("L’annonce est proposée : relisez-la, puis publiez-la."))
    own = [notice for notice in notices if notice.authority_id == _actor(request).authority.pk]
    if own:
        return redirect(reverse("broadcast:desk_notice", kwargs={"ref": own[0].ref}))
    return redirect("insights:insight", ref=ref)


@page("insights.act")
@require_POST
def dismiss(request: Request, ref: str) -> HttpResponse:
    found, form = _insight(request, ref), DismissForm(request.POST)
    if form.is_valid():
        try:
            actions.dismiss(_actor(request), found, form.cleaned_data["reason"])
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(
                request, _("Le constat est écarté ; ce qu’il avait entraîné demande à être clos.")
            )
            return redirect("insights:insight", ref=ref)
    return _page(request, found, form)


@page("insights.see")
@require_GET
def chart(request: Request, ref: str) -> HttpResponse:
    """The part of the page that is fetched again when readings come."""
    return render(
        request, "insights/_chart.html", {"chart": chart_of_insight(_insight(request, ref))}
    )
