from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from beffroi.base.access.public import Actor, Request, door, follow, page
from beffroi.base.provenance.public import Step, chain

from . import actions
from .forms import AssignForm, NoteForm
from .models import Intervention, State
from .queries import interventions_for, open_interventions


def _actor(request: Request) -> Actor:
    actor: Actor = request.actor
    return actor


@page("interventions.see")
@require_GET
def interventions(request: Request) -> HttpResponse:
    """The interventions under way, or those of one state."""
    actor = _actor(request)
    wanted = request.GET.get("etat", "")
    if wanted and wanted not in State.values:
        raise Http404
    found = interventions_for(actor).filter(state=wanted) if wanted else open_interventions(actor)
    pages = Paginator(found, 50)
    return render(
        request,
        "interventions/interventions.html",
        {
            "page_obj": pages.get_page(request.GET.get("page")),
            "states": State.choices,
            "wanted": wanted,
        },
    )


@page("interventions.work")
@require_GET
def field(request: Request) -> HttpResponse:
    """The crew's page, for a telephone: what is to be done now, nearest due date first."""
    found = open_interventions(_actor(request)).exclude(state=State.TO_CLOSE)
    return render(
        request,
        "interventions/field.html",
        {"interventions": found.order_by("-severity", "due", "created_at")[:50]},
    )


def _intervention(request: Request, ref: str) -> Intervention:
    actor = _actor(request)
    return door(interventions_for(actor), actor, ref=ref)


@page("interventions.see")
@require_GET
def intervention(request: Request, ref: str) -> HttpResponse:
    found = _intervention(request, ref)
    response = _page(request, found)
    follow(request, response, [f"/interventions/{found.ref}"])
    return response


def _page(request: Request, found: Intervention, form: NoteForm | None = None) -> HttpResponse:
    actor = _actor(request)
    is_open = found.state != State.CLOSED
    context: dict[str, Any] = {
        "intervention": found,
        "log": found.log.all()[:200],
        "streets": found.streets.all(),
        "readings": _readings(found),
        "form": form or NoteForm(),
        "assign_form": AssignForm(intervention=found),
        "may_work": is_open and actor.may("interventions.work"),
        "may_manage": is_open and actor.may("interventions.manage"),
        "steps": [*chain(found, actor), *_planned(found)],
        "topic": f"/interventions/{found.ref}",
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "interventions/intervention.html", context, status=status)


def _planned(found: Intervention) -> list[Step]:
    """What still has to come: the readings that follow say whether the matter is settled."""
    if found.state == State.CLOSED or found.is_verified or not found.cause_id:
        return []
    return [Step(_("Vérification"), _("par les mesures suivantes"), state="next")]


def _readings(found: Intervention) -> list[tuple[datetime, float, str]]:
    """The readings that show the return to normal, for the page."""
    rows = found.verification.get("readings", [])
    return [(datetime.fromisoformat(row[0]), row[1], row[2]) for row in rows[-12:]]


@page("interventions.see")
@require_GET
def state(request: Request, ref: str) -> HttpResponse:
    """The part of the page that is fetched again when something happens."""
    found = _intervention(request, ref)
    return render(
        request,
        "interventions/_state.html",
        {"intervention": found, "log": found.log.all()[:200], "readings": _readings(found)},
    )


def _act(
    request: Request, ref: str, act: Callable[[Actor, Intervention, str], object], said: str
) -> HttpResponse:
    """Do what a button says, with its note; a refusal is shown beside the note."""
    found, form = _intervention(request, ref), NoteForm(request.POST)
    if form.is_valid():
        try:
            act(_actor(request), found, form.cleaned_data["note"])
        except ValidationError as refused:
            form.add_error("note", " ".join(refused.messages))
        else:
            messages.success(request, said)
            return redirect("interventions:intervention", ref=ref)
    return _page(request, found, form)


@page("interventions.work")
@require_POST
def start(request: Request, ref: str) -> HttpResponse:
    return _act(
        request,
        ref,
        lambda actor, found, _note: actions.start(actor, found),
        _("Vous êtes noté sur place."),
    )


@page("interventions.work")
@require_POST
def report(request: Request, ref: str) -> HttpResponse:
    return _act(request, ref, actions.report, _("La note est ajoutée."))


@page("interventions.work")
@require_POST
def finish(request: Request, ref: str) -> HttpResponse:
    return _act(
        request, ref, actions.finish, _("Le travail est noté comme fait ; le bureau le clôturera.")
    )


@page("interventions.manage")
@require_POST
def close(request: Request, ref: str) -> HttpResponse:
    return _act(request, ref, actions.close, _("L’intervention est close."))


@page("interventions.manage")
@require_POST
def assign(request: Request, ref: str) -> HttpResponse:
    found = _intervention(request, ref)
    form = AssignForm(request.POST, intervention=found)
    if not form.is_valid():
        messages.error(request, _("Choisissez une équipe de la liste."))
        return redirect("interventions:intervention", ref=ref)
    try:
        actions.assign(_actor(request), found, form.cleaned_data["crew"])
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, _("L’équipe est envoyée."))
    return redirect("interventions:intervention", ref=ref)
