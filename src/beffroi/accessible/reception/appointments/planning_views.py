"""Simple forms for what makes slots: reasons, agents, openings, absences."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from beffroi.base.access.public import Actor, Request, door, page

from . import planning
from .forms import AbsenceForm, AgentForm, EndOpeningForm, OpeningForm, ReasonForm
from .models import Absence, Appointment, Opening, Reason

SHOWN_A_PAGE = 50


@page("appointments.plan")
@require_safe
def openings(request: Request) -> HttpResponse:
    """The weekly hours of everybody, the current ones."""
    actor = _actor(request)
    today = timezone.localdate(timezone=actor.authority.zone)
    listed = (
        Opening.objects.filter(authority=actor.authority, agent__is_active=True)
        .exclude(last_day__lt=today)
        .select_related("agent", "site")
        .prefetch_related("reasons")
        .order_by("agent__name", "agent", "weekday", "starts")
    )
    pages = Paginator(listed, SHOWN_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "appointments/openings.html", {"page": pages})


@page("appointments.plan")
@require_http_methods(["GET", "HEAD", "POST"])
def add_opening(request: Request) -> HttpResponse:
    return _opening(request, Opening(authority=_actor(request).authority))


@page("appointments.plan")
@require_http_methods(["GET", "HEAD", "POST"])
def edit_opening(request: Request, pk: int) -> HttpResponse:
    return _opening(request, door(Opening, _actor(request), pk=pk))


def _opening(request: Request, opening: Opening) -> HttpResponse:
    actor = _actor(request)
    initial = {} if opening.pk else {"first_day": timezone.localdate(timezone=actor.authority.zone)}
    form = OpeningForm(request.POST or None, instance=opening, actor=actor, initial=initial)
    if request.method == "POST" and form.is_valid():
        planning.save_opening(actor, form.instance, list(form.cleaned_data["reasons"]))
        messages.success(request, _("La plage d’ouverture est enregistrée."))
        return redirect("appointments:openings")
    title = gettext_lazy("Plage d’ouverture")
    return _form(request, form, title, "appointments:openings", ending=opening.pk)


@page("appointments.plan")
@require_http_methods(["GET", "HEAD", "POST"])
def end_opening(request: Request, pk: int) -> HttpResponse:
    """Stop an opening after a day; appointments that were booked stay."""
    actor = _actor(request)
    opening = door(Opening, actor, pk=pk)
    initial = {"last_day": timezone.localdate(timezone=actor.authority.zone)}
    form = EndOpeningForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        planning.end_opening(actor, opening, form.cleaned_data["last_day"])
        messages.success(request, _("La plage est retirée. Les rendez-vous déjà pris restent."))
        return redirect("appointments:openings")
    return _form(request, form, gettext_lazy("Retirer une plage"), "appointments:openings")


@page("appointments.plan")
@require_http_methods(["GET", "HEAD", "POST"])
def absences(request: Request) -> HttpResponse:
    """The absences to come, and the form to add one; what must be moved is named at once."""
    actor = _actor(request)
    form = AbsenceForm(request.POST or None, actor=actor)
    to_move: list[Appointment] = []
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        _absence, to_move = planning.add_absence(
            actor, given["agent"], given["begin"], given["end"], given["label"]
        )
        messages.success(request, _("L’absence est enregistrée."))
        if to_move:
            messages.warning(
                request,
                ngettext(
                    "%(number)s rendez-vous tombe pendant cette absence : déplacez-le.",
                    "%(number)s rendez-vous tombent pendant cette absence : déplacez-les.",
                    len(to_move),
                )
                % {"number": len(to_move)},
            )
        form = AbsenceForm(actor=actor)
    listed = Absence.objects.filter(authority=actor.authority, ends_at__gt=timezone.now())
    context = {
        "form": form,
        "to_move": to_move,
        "page": Paginator(listed.select_related("agent"), SHOWN_A_PAGE).get_page(
            request.GET.get("page")
        ),
    }
    return render(
        request, "appointments/absences.html", context, status=422 if form.errors else 200
    )


@page("appointments.plan")
@require_POST
def end_absence(request: Request, pk: int) -> HttpResponse:
    actor = _actor(request)
    planning.end_absence(actor, door(Absence, actor, pk=pk))
    messages.success(request, _("L’absence est retirée : ces heures sont de nouveau proposées."))
    return redirect("appointments:absences")


@page("appointments.configure")
@require_safe
def reasons(request: Request) -> HttpResponse:
    actor = _actor(request)
    listed = Reason.objects.filter(authority=actor.authority).select_related("service")
    return render(request, "appointments/reason_list.html", {"reasons": listed})


@page("appointments.configure")
@require_http_methods(["GET", "HEAD", "POST"])
def add_reason(request: Request) -> HttpResponse:
    return _reason(request, Reason(authority=_actor(request).authority))


@page("appointments.configure")
@require_http_methods(["GET", "HEAD", "POST"])
def edit_reason(request: Request, pk: int) -> HttpResponse:
    return _reason(request, door(Reason, _actor(request), pk=pk))


def _reason(request: Request, reason: Reason) -> HttpResponse:
    actor = _actor(request)
    form = ReasonForm(request.POST or None, instance=reason, actor=actor)
    if request.method == "POST" and form.is_valid():
        try:
            planning.save_reason(actor, form.instance)
            messages.success(request, _("Le motif est enregistré."))
            return redirect("appointments:reason_list")
        except IntegrityError:
            form.add_error("label", _("Ce service a déjà un motif de ce nom."))
    return _form(request, form, gettext_lazy("Motif de rendez-vous"), "appointments:reason_list")


@page("appointments.plan")
@require_http_methods(["GET", "HEAD", "POST"])
def add_agent(request: Request) -> HttpResponse:
    """Somebody who receives; an account is not needed."""
    actor = _actor(request)
    form = AgentForm(request.POST or None, actor=actor)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        planning.add_agent(actor, given["name"], given["service"], given["site"])
        messages.success(request, _("L’agent est ajouté. Donnez-lui une plage d’ouverture."))
        return redirect("appointments:add_opening")
    return _form(request, form, gettext_lazy("Agent qui reçoit"), "appointments:openings")


def _actor(request: Request) -> Actor:
    actor: Actor = request.actor
    return actor


def _form(
    request: Request, form: BaseForm, title: str | Promise, back: str, ending: int | None = None
) -> HttpResponse:
    context = {"form": form, "title": title, "back": back, "ending": ending}
    return render(
        request, "appointments/planning_form.html", context, status=422 if form.errors else 200
    )
