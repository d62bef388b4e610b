from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from beffroi.base.access.public import Actor, Request, door, page

from . import rule_actions
from .forms import PastForm, RuleForm
from .models import Rule, RuleState
from .queries import Rehearsal, rehearse, rules_for, suggested_levels
from .sayings import said_condition, said_return


def _actor(request: Request) -> Actor:
    actor: Actor = request.actor
    return actor


def _rule(request: Request, line: str, version: int) -> Rule:
    actor = _actor(request)
    return door(rules_for(actor), actor, line=line, version=version)


@page("insights.see")
@require_GET
def rules(request: Request) -> HttpResponse:
    """The rules, the newest version of each first."""
    found = rules_for(_actor(request)).exclude(state=RuleState.RETIRED)
    pages = Paginator(found.prefetch_related("datastreams"), 50)
    return render(
        request, "insights/rules.html", {"page_obj": pages.get_page(request.GET.get("page"))}
    )


@page("insights.see")
@require_GET
def rule(request: Request, line: str, version: int) -> HttpResponse:
    """A version of a rule, what it would have said of the past, and levels learned from it."""
    found = _rule(request, line, version)
    actor = _actor(request)
    form = PastForm(request.GET if "serie" in request.GET else None, rule=found)
    suggestion = None
    if form.is_bound and form.is_valid():
        zone = found.authority.zone
        start = datetime.combine(form.cleaned_data["depuis"], time(), zone)
        end = datetime.combine(form.cleaned_data["jusque"] + timedelta(days=1), time(), zone)
        if start < end:
            suggestion = suggested_levels(found, form.cleaned_data["serie"], start, end)
        if suggestion is None:
            form.add_error(
                "jusque", _("Il faut au moins cinq jours de mesures dans cette période.")
            )
    return render(
        request,
        "insights/rule.html",
        {
            "rule": found,
            "condition": said_condition(found),
            "back": said_return(found),
            "versions": rules_for(actor).filter(line=line),
            "rehearsals": [_shown(rehearsal) for rehearsal in rehearse(found)],
            "form": form,
            "suggestion": suggestion,
            "streams": found.datastreams.select_related("thing", "observed_property"),
            "may_change": actor.may("insights.rules") and found.authority_id == actor.authority.pk,
        },
    )


def _shown(rehearsal: Rehearsal) -> dict[str, Any]:
    zone = rehearsal.datastream.authority.zone

    def moment(milliseconds: int | None) -> datetime | None:
        return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, zone)

    return {
        "stream": rehearsal.datastream,
        "first": rehearsal.first,
        "last": rehearsal.last,
        "months": [
            (datetime(year, month, 1, tzinfo=zone), count)
            for year, month, count in rehearsal.months
        ],
        "episodes": [
            (
                moment(episode.since),
                moment(episode.opened_at),
                moment(episode.closed_at),
                episode.peak,
            )
            for episode in rehearsal.episodes[-50:]
        ],
        "count": len(rehearsal.episodes),
    }


@page("insights.rules")
@require_http_methods(["GET", "POST"])
def new_rule(request: Request) -> HttpResponse:
    return _edit(request, None)


@page("insights.rules")
@require_http_methods(["GET", "POST"])
def edit_rule(request: Request, line: str, version: int) -> HttpResponse:
    found = _rule(request, line, version)
    if found.authority_id != _actor(request).authority.pk:
        raise Http404
    return _edit(request, found)


def _edit(request: Request, known: Rule | None) -> HttpResponse:
    actor = _actor(request)
    initial = {name: request.GET[name] for name in ("on_level", "off_level") if name in request.GET}
    # The form validates on a copy: what is stored, and as which version, is for the actions to say.
    copy = Rule.objects.get(pk=known.pk) if known else Rule(authority=actor.authority)
    form = RuleForm(request.POST or None, instance=copy, initial=initial, actor=actor)
    if request.method == "POST" and form.is_valid():
        fields, streams, streets = (
            form.rule_fields(),
            form.cleaned_data["datastreams"],
            form.cleaned_data["streets"],
        )
        try:
            if known is None:
                made = rule_actions.draft_rule(actor, fields, streams, streets)
            else:
                made = rule_actions.edit_rule(actor, known, fields, streams, streets)
        except ValidationError as refused:
            form.add_error(None, " ".join(refused.messages))
        else:
            messages.success(
                request,
                _("La règle est gardée. Voyez ce qu’elle aurait dit du passé, puis activez-la."),
            )
            return redirect("insights:rule", line=made.line, version=made.version)
    return render(
        request,
        "insights/edit_rule.html",
        {"form": form, "rule": known},
        status=422 if form.errors else 200,
    )


@page("insights.rules")
@require_POST
def activate(request: Request, line: str, version: int) -> HttpResponse:
    try:
        rule_actions.activate(_actor(request), _rule(request, line, version))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, _("La règle est active : elle regarde chaque nouvelle mesure."))
    return redirect("insights:rule", line=line, version=version)


@page("insights.rules")
@require_POST
def retire(request: Request, line: str, version: int) -> HttpResponse:
    rule_actions.retire(_actor(request), _rule(request, line, version))
    messages.success(request, _("La règle est arrêtée. Ses constats ouverts restent à traiter."))
    return redirect("insights:rule", line=line, version=version)
