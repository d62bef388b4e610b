"""The agents’ pages: the day and the week, one appointment’s file, booking for somebody."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from beffroi.base.access.public import Actor, Request, door, follow, page
from beffroi.base.audit.public import record
from beffroi.base.authorities.models import Service, Site

from . import actions
from .availability import Selection
from .days import by_day, choices, each_day, parse_choice, parse_day
from .forms import ContactForm
from .models import Agent, Appointment, Origin, Reason, Status
from .presence import missing_documents, steps_of
from .queries import (
    AgendaFilter,
    Period,
    absences_between,
    find_slots,
    grouped,
    reason_sites,
)
from .queries import agenda as appointments_of

DAYS_OFFERED = 14
SHOWN_A_PAGE = 100


@page("appointments.see")
@require_safe
def agenda(request: Request) -> HttpResponse:
    """A day or a week of a service, an agent or a site, each appointment with its file."""
    actor = _actor(request)
    chosen, filters = _filter(request, actor)
    week = request.GET.get("vue") == "semaine"
    today = timezone.localdate(timezone=actor.authority.zone)
    day = parse_day(request.GET.get("jour")) or today
    first = day - dt.timedelta(days=day.weekday()) if week else day
    last = first + dt.timedelta(days=6) if week else day
    found = appointments_of(actor, first, last, chosen)
    pages = Paginator(found, len(found) or 1 if week else SHOWN_A_PAGE).get_page(
        request.GET.get("page")
    )
    for appointment in pages:
        appointment.missing = missing_documents(appointment)  # type: ignore[attr-defined]
    step = 7 if week else 1
    context = {
        **filters,
        "week": week,
        "day": day,
        "today": today,
        "days": each_day(first, last, pages, actor.authority.zone),
        "page": pages,
        "absences": _absences(actor, chosen, first, last),
        "earlier": first - dt.timedelta(days=step),
        "later": first + dt.timedelta(days=step),
        "kept": urlencode(
            {
                "agent": chosen.agent_id or "",
                "service": chosen.service_id or "",
                "lieu": chosen.site_id or "",
            }
        ),
        "fragment_url": f"{request.path}?{_with(request, fragment='1')}",
        "topic": f"/desk/{actor.authority.slug}",
        "may_configure": actor.may("appointments.configure"),
    }
    if request.GET.get("fragment"):
        return render(request, "appointments/_agenda.html", context)
    _seen(request, actor, day)
    response = render(request, "appointments/agenda.html", context)
    follow(request, response, [f"/desk/{actor.authority.slug}"])
    return response


@page("appointments.see")
@require_http_methods(["GET", "HEAD", "POST"])
def file(request: Request, ref: str) -> HttpResponse:
    """One appointment with what the resident already gave; while it is held, the form to fill in."""
    actor = _actor(request)
    found = _by_ref(actor, ref)
    held = found.status == Status.HELD
    form = ContactForm(request.POST or None, reason=found.reason) if held else None
    status = 200
    if request.method == "POST" and form is not None:
        actor.require("appointments.book")
        if form.is_valid():
            try:
                actions.confirm(actor, found, form.contact, form.given)
                messages.success(request, _("Le rendez-vous est confirmé."))
                return redirect("appointments:file", ref=ref)
            except actions.SlotTaken as taken:
                return _taken(request, found.reason, found.starts_at, found.origin, taken)
            except actions.NotPossible as refusal:
                messages.warning(request, str(refusal))
                return redirect("appointments:file", ref=ref)
        status = 422
    if request.method != "POST":
        record(actor, "appointment.seen", found)
    context = {
        "appointment": found,
        "form": form,
        "missing": missing_documents(found),
        "steps": steps_of(found, actor),
        "may_book": actor.may("appointments.book"),
    }
    return render(request, "appointments/file.html", context, status=status)


@page("appointments.book")
@require_POST
def mark(request: Request, ref: str) -> HttpResponse:
    """Note that the person came, or did not."""
    actor = _actor(request)
    try:
        actions.mark(actor, _by_ref(actor, ref), request.POST.get("venue") == "oui")
        messages.success(request, _("C’est noté."))
    except actions.NotPossible as refusal:
        messages.warning(request, str(refusal))
    return redirect("appointments:file", ref=ref)


@page("appointments.book")
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: Request, ref: str) -> HttpResponse:
    """Cancel for the resident; who left an e-mail is told."""
    actor = _actor(request)
    found = _by_ref(actor, ref)
    if request.method != "POST":
        return render(request, "appointments/agent_cancel.html", {"appointment": found})
    actions.cancel(actor, found, by_agent=True)
    messages.success(request, _("Le rendez-vous est annulé et l’heure est libre."))
    return redirect("appointments:file", ref=ref)


@page("appointments.book")
@require_http_methods(["GET", "HEAD", "POST"])
def reschedule(request: Request, ref: str) -> HttpResponse:
    """Another time for the same reason; the old one is kept until the new one is won."""
    actor = _actor(request)
    found = _by_ref(actor, ref)
    chosen = parse_choice(request.POST.get("creneau", ""))
    context: dict[str, object] = {"appointment": found}
    status = 200
    if request.method == "POST" and chosen is not None:
        try:
            site = door(Site, actor, pk=chosen[1])
            actions.reschedule(actor, found, chosen[0], site, by_agent=True)
            messages.success(request, _("Le rendez-vous est déplacé."))
            return redirect("appointments:file", ref=ref)
        except actions.NotPossible as refusal:
            messages.warning(request, str(refusal))
            return redirect("appointments:file", ref=ref)
        except actions.SlotTaken as taken:
            context |= {
                "wanted": chosen[0],
                "nearest": choices(actor.authority, taken.alternatives),
            }
            status = 409
    context |= _offer(request, actor, found.reason, found.site)
    return render(request, "appointments/agent_reschedule.html", context, status=status)


@page("appointments.book")
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: Request) -> HttpResponse:
    """For somebody at the counter or on the telephone: the same slots, the same file."""
    actor = _actor(request)
    origin = Origin.PHONE if request.GET.get("par") == "telephone" else Origin.COUNTER
    listed = Reason.objects.filter(authority=actor.authority, is_active=True)
    reasons = listed.select_related("service", "authority")
    number = request.GET.get("motif", "")
    reason = reasons.filter(pk=int(number)).first() if number.isdecimal() else None
    site_number = request.GET.get("lieu", "")
    sites = Site.objects.filter(authority=actor.authority)
    site = sites.filter(pk=int(site_number)).first() if site_number.isdecimal() else None
    context: dict[str, object] = {
        "reasons": reasons,
        "reason": reason,
        "sites": sites,
        "site": site,
        "origin": origin,
    }
    if reason is None:
        return render(request, "appointments/book.html", context)
    if request.method == "POST":
        chosen = parse_choice(request.POST.get("creneau", ""))
        if chosen is not None:
            try:
                held = actions.hold(actor, Selection(reason, chosen[1]), chosen[0], origin=origin)
                return redirect("appointments:file", ref=held.ref)
            except actions.SlotTaken as taken:
                return _taken(request, reason, chosen[0], origin, taken)
    context |= _offer(request, actor, reason, site)
    return render(request, "appointments/book.html", context)


def _actor(request: Request) -> Actor:
    actor: Actor = request.actor
    return actor


def _by_ref(actor: Actor, ref: str) -> Appointment:
    related = Appointment.objects.select_related(
        "reason__service", "reason__authority", "site", "agent", "person", "authority"
    )
    return door(related, actor, ref=ref)


def _offer(request: Request, actor: Actor, reason: Reason, site: Site | None) -> dict[str, object]:
    """Two weeks of free times from the day asked for; agents are not bound by the notice."""
    zone = actor.authority.zone
    today = timezone.localdate(timezone=zone)
    start = max(parse_day(request.GET.get("jour")) or today, today)
    last = start + dt.timedelta(days=DAYS_OFFERED - 1)
    slots = find_slots(
        Selection(reason, site.pk if site else None), Period(start, last, timezone.now())
    )
    return {
        "names_sites": site is None and reason_sites(reason).count() > 1,
        "days": by_day(choices(actor.authority, grouped(slots)), zone),
        "first_day": start,
        "last_day": last,
        "earlier": max(start - dt.timedelta(days=DAYS_OFFERED), today) if start > today else None,
        "later": last + dt.timedelta(days=1),
        "query": _with(request, jour=""),
    }


def _taken(
    request: Request, reason: Reason, wanted: dt.datetime, origin: str, taken: actions.SlotTaken
) -> HttpResponse:
    way = "telephone" if origin == Origin.PHONE else "guichet"
    context = {
        "reason": reason,
        "wanted": wanted,
        "nearest": choices(_actor(request).authority, taken.alternatives),
        "hold_url": f"{reverse('appointments:book')}?motif={reason.pk}&par={way}",
    }
    return render(request, "appointments/agent_taken.html", context, status=409)


def _filter(request: Request, actor: Actor) -> tuple[AgendaFilter, dict[str, object]]:
    """Whose agenda: as asked, else that of the agent who looks, else everybody’s."""

    def number(name: str) -> int | None:
        text = request.GET.get(name, "")
        return int(text) if text.isdecimal() and len(text) < 19 else None

    agents = Agent.objects.filter(authority=actor.authority, is_active=True)
    agent = number("agent")
    if "agent" not in request.GET and actor.account is not None:
        own = agents.filter(person=actor.account.person_id).first()
        agent = own.pk if own else None
    chosen = AgendaFilter(number("service"), agent, number("lieu"))
    return chosen, {
        "chosen": chosen,
        "services": Service.objects.filter(
            authority=actor.authority, appointment_reasons__isnull=False
        ).distinct(),
        "agents": agents,
        "sites": Site.objects.filter(authority=actor.authority),
    }


def _absences(actor: Actor, chosen: AgendaFilter, first: dt.date, last: dt.date) -> object:
    zone = actor.authority.zone
    agents = Agent.objects.filter(authority=actor.authority, is_active=True)
    if chosen.agent_id:
        agents = agents.filter(pk=chosen.agent_id)
    if chosen.service_id:
        agents = agents.filter(service=chosen.service_id)
    begin = dt.datetime.combine(first, dt.time(), zone)
    return absences_between(agents, begin, dt.datetime.combine(last, dt.time.max, zone))


def _with(request: Request, **changes: str) -> str:
    """The address’s parameters, changed; an empty value removes one."""
    query = request.GET.copy()
    for name, text in changes.items():
        query.pop(name, None)
        if text:
            query[name] = text
    return query.urlencode()


def _seen(request: Request, actor: Actor, day: dt.date) -> None:
    """The journal says once a session that somebody looked at a day’s files."""
    seen = request.session.get("agenda_seen", [])
    if day.isoformat() not in seen:
        record(actor, "agenda.seen", None, day=day.isoformat())
        request.session["agenda_seen"] = [*seen[-30:], day.isoformat()]
