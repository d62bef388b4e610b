"""The agents’ pages: proposals, dates, participants, presence."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from beffroi.base.access.public import Actor, Request, door, page
from beffroi.base.audit.public import record

from . import actions
from .forms import DecisionForm, ParticipantForm, SessionForm, WorkshopForm
from .models import Registration, RegistrationState, Session, Workshop
from .queries import desk_sessions, participants, proposals, shown

SHOWN_A_PAGE = 50


@page("workshops.manage")
@require_safe
def workshops(request: Request) -> HttpResponse:
    """What waits for a decision, then the sessions from today on."""
    actor = _actor(request)
    pages = Paginator(desk_sessions(actor), SHOWN_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "proposals": proposals(actor.authority),
        "sessions": shown(list(pages)),
        "page": pages,
    }
    return render(request, "workshops/desk.html", context)


@page("workshops.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: Request, ref: str) -> HttpResponse:
    """One workshop with its dates; accept or refuse it while it is proposed."""
    actor = _actor(request)
    workshop = door(Workshop.objects.select_related("proposed_by"), actor, ref=ref)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            accepted = request.POST.get("decision") == "oui"
            actions.decide(actor, workshop, accepted, form.cleaned_data["why"])
            messages.success(request, _("C’est décidé. Le partenaire en est informé."))
            return redirect("workshops:desk")
        except ValidationError as refusal:
            form.add_error("why", refusal)
    dates = workshop.sessions.select_related("site", "authority", "workshop")
    context = {"workshop": workshop, "form": form, "dates": shown(list(dates))}
    return render(request, "workshops/workshop.html", context, status=422 if form.errors else 200)


@page("workshops.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def edit_workshop(request: Request, ref: str) -> HttpResponse:
    actor = _actor(request)
    workshop = door(Workshop, actor, ref=ref)
    form = WorkshopForm(request.POST or None, instance=workshop)
    if request.method == "POST" and form.is_valid():
        actions.save_workshop(actor, form.instance)
        messages.success(request, _("L’atelier est enregistré."))
        return redirect("workshops:decide", ref=ref)
    context = {"form": form, "title": _("Modifier l’atelier"), "back": workshop}
    return render(request, "workshops/form.html", context, status=422 if form.errors else 200)


@page("workshops.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def add_session(request: Request, ref: str) -> HttpResponse:
    actor = _actor(request)
    workshop = door(Workshop, actor, ref=ref)
    return _session_form(request, Session(authority=actor.authority, workshop=workshop))


@page("workshops.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def edit_session(request: Request, ref: str) -> HttpResponse:
    return _session_form(request, _session(request, ref))


def _session_form(request: Request, found: Session) -> HttpResponse:
    actor = _actor(request)
    form = SessionForm(request.POST or None, instance=found, actor=actor)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_session(actor, form.instance)
            messages.success(request, _("La date est enregistrée. Les inscrits sont prévenus."))
            return redirect("workshops:decide", ref=found.workshop.ref)
        except ValidationError as refusal:
            form.add_error("seats", refusal)
    context = {"form": form, "title": _("Date de l’atelier"), "back": found.workshop}
    return render(request, "workshops/form.html", context, status=422 if form.errors else 200)


@page("workshops.manage")
@require_safe
def session(request: Request, ref: str) -> HttpResponse:
    """Who comes, who waits, who came."""
    actor = _actor(request)
    found = _session(request, ref)
    context = {
        "one": shown([found])[0],
        "participants": participants(found),
        "topic": f"/workshops/{actor.authority.slug}",
    }
    if request.GET.get("fragment"):
        return render(request, "workshops/_participants.html", context)
    record(actor, "session.seen", found)
    return render(request, "workshops/desk_session.html", context)


@page("workshops.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def cancel_session(request: Request, ref: str) -> HttpResponse:
    found = _session(request, ref)
    if request.method != "POST":
        return render(request, "workshops/cancel_session.html", {"one": shown([found])[0]})
    actions.cancel_session(_actor(request), found)
    messages.success(request, _("La séance est annulée. Les inscrits sont prévenus."))
    return redirect("workshops:desk_session", ref=ref)


@page("workshops.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: Request, ref: str) -> HttpResponse:
    """Register somebody who is at the counter or on the telephone."""
    actor = _actor(request)
    found = _session(request, ref)
    form = ParticipantForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.register(actor, found, form.participant, by_agent=True)
        except actions.NotPossible as refusal:
            form.add_error(None, str(refusal))
        else:
            seated = made.state == RegistrationState.REGISTERED
            text = (
                _("Une place est réservée.")
                if seated
                else _("C’est complet : la personne est en liste d’attente.")
            )
            messages.success(request, text)
            return redirect("workshops:desk_session", ref=ref)
    context = {"form": form, "one": shown([found])[0]}
    return render(
        request, "workshops/desk_register.html", context, status=422 if form.errors else 200
    )


@page("workshops.manage")
@require_POST
def act(request: Request, ref: str) -> HttpResponse:
    """Presence, acceptance by telephone, or cancellation for somebody."""
    actor = _actor(request)
    related = Registration.objects.select_related("session__workshop", "session__authority")
    found = door(related, actor, ref=ref)
    wish = request.POST.get("action", "")
    try:
        if wish == "accepter":
            actions.accept(actor, found)
        elif wish == "annuler":
            actions.leave(actor, found, by_agent=True)
        elif wish in PRESENCE:
            actions.note_presence(actor, found, PRESENCE[wish])
        messages.success(request, _("C’est noté."))
    except actions.NotPossible as refusal:
        messages.warning(request, str(refusal))
    return redirect("workshops:desk_session", ref=found.session.ref)


PRESENCE: dict[str, bool | None] = {"present": True, "absent": False, "inconnu": None}


def _actor(request: Request) -> Actor:
    actor: Actor = request.actor
    return actor


def _session(request: Request, ref: str) -> Session:
    related = Session.objects.select_related("workshop", "site", "authority")
    return door(related, _actor(request), ref=ref)
