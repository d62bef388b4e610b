"""The resident’s pages: why, where, when, who; then one’s own appointment by its link."""

from __future__ import annotations

import datetime as dt
from itertools import groupby
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from beffroi.base.access.public import Actor, Request, door, paced, public_page
from beffroi.base.authorities.models import Site
from beffroi.base.people.public import Person

from . import actions, letters
from .availability import Selection
from .causes import PARAMETER, cause_of
from .days import DAYS_SHOWN, by_day, choices, parse_choice, parse_day
from .forms import ContactForm, ReferenceForm
from .models import Appointment, Reason, Status
from .queries import (
    Slot,
    bookable_period,
    find_slots,
    first_in_sites,
    grouped,
    nearest,
    public_reasons,
    reason_sites,
    within,
)

#: References of this browser’s own appointments, so that nobody has to copy them.
REMEMBERED = 10
#: Times on one page: more would be tiring on a phone.
MOST_SHOWN = 48
#: Holds of one address, by page or API: nobody keeps a town's slots from others by taking them all.
few_holds = paced(most=30, seconds=600)
#: Each move writes a letter, to an address that nobody has checked.
few_moves = paced(most=10, seconds=600)


@public_page
@require_safe
def reasons(request: Request) -> HttpResponse:
    """Why one comes, by service, in plain words."""
    authority = _actor(request).authority
    token = request.GET.get(PARAMETER, "")
    if token and cause_of(token, authority) is not None:
        request.session["appointment_cause"] = token
    listed = list(public_reasons(authority))
    services = [(s, list(group)) for s, group in groupby(listed, key=lambda r: r.service)]
    return render(request, "appointments/reasons.html", {"services": services})


@public_page
@require_safe
def sites(request: Request, reason_id: int) -> HttpResponse:
    """What to bring, and where: a site, or the first slot anywhere."""
    reason = _reason(request, reason_id)
    first = dict(first_in_sites(reason, bookable_period(reason)))
    offered = [(site, first.get(site)) for site in reason_sites(reason)]
    context = {"reason": reason, "offered": offered, "soonest": next(iter(first.items()), None)}
    return render(request, "appointments/sites.html", context)


@public_page
@require_safe
def slots(request: Request, reason_id: int) -> HttpResponse:
    """The times of a week, live: one that is taken disappears from open pages."""
    reason = _reason(request, reason_id)
    context = _week(request, reason, request.GET.get("lieu", ""), request.GET.get("jour"))
    part = "_slots.html" if request.GET.get("fragment") else "slots.html"
    return render(request, f"appointments/{part}", context)


@public_page
@few_holds
@require_POST
def hold(request: Request, reason_id: int) -> HttpResponse:
    """Keep a time for five minutes, or say at once that it is gone and what is nearest."""
    reason = _reason(request, reason_id)
    actor = _actor(request)
    chosen = parse_choice(request.POST.get("creneau", ""))
    if chosen is None:
        messages.warning(request, _("Choisissez une heure dans la liste."))
        return redirect("appointments:slots", reason_id=reason.pk)
    starts_at, site_id = chosen
    try:
        held = actions.hold(
            actor,
            Selection(reason, site_id),
            starts_at,
            instead_of=_mine(request, request.session.get("held_appointment", "")),
            cause=cause_of(request.session.get("appointment_cause", ""), actor.authority),
        )
    except actions.SlotTaken as taken:
        return _taken(request, reason, starts_at, taken)
    request.session["held_appointment"] = held.ref
    _remember(request, held)
    return redirect("appointments:appointment", ref=held.ref)


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
def appointment(request: Request, ref: str) -> HttpResponse:
    """One appointment by its link: the form while it is held, then the confirmation."""
    found = _by_ref(request, ref)
    if found.status in (Status.HELD, Status.EXPIRED):
        return _confirm(request, found)
    if request.method == "POST":
        return redirect("appointments:appointment", ref=found.ref)
    return render(request, "appointments/appointment.html", {"appointment": found})


def _confirm(request: Request, found: Appointment) -> HttpResponse:
    if request.method != "POST":
        if not found.is_live:
            return _too_late(request, found)
        form = ContactForm(reason=found.reason, initial=_known(request))
        return render(request, "appointments/hold.html", {"appointment": found, "form": form})
    form = ContactForm(request.POST, reason=found.reason)
    if not form.is_valid():
        context = {"appointment": found, "form": form}
        return render(request, "appointments/hold.html", context, status=422)
    try:
        actions.confirm(_actor(request), found, form.contact, form.given)
    except actions.SlotTaken as taken:
        # What was typed is kept for the next try, in the session of this browser only.
        request.session["appointment_draft"] = form.cleaned_data
        return _taken(request, found.reason, found.starts_at, taken)
    except actions.NotPossible as refusal:
        messages.warning(request, str(refusal))
        return redirect("appointments:reasons")
    request.session.pop("appointment_draft", None)
    request.session.pop("held_appointment", None)
    request.session.pop("appointment_cause", None)
    _remember(request, found)
    messages.success(request, _("Votre rendez-vous est confirmé."))
    return redirect("appointments:appointment", ref=found.ref)


@public_page
@require_POST
def extend(request: Request, ref: str) -> HttpResponse:
    """Five more minutes to fill in the form, once."""
    found = _by_ref(request, ref)
    try:
        actions.extend(_actor(request), found)
        messages.info(request, _("Cinq minutes de plus : ce créneau reste à vous."))
    except actions.NotPossible as refusal:
        messages.warning(request, str(refusal))
    return redirect("appointments:appointment", ref=ref)


@public_page
@require_POST
def give_up(request: Request, ref: str) -> HttpResponse:
    """Choose another time: the one held is free at once."""
    found = _by_ref(request, ref)
    actions.give_up(_actor(request), found)
    address = reverse("appointments:slots", args=[found.reason_id])
    return redirect(f"{address}?lieu={found.site_id}")


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: Request, ref: str) -> HttpResponse:
    """Asked once, then done: the slot is free for somebody else."""
    found = _by_ref(request, ref)
    if request.method != "POST":
        return render(request, "appointments/cancel.html", {"appointment": found})
    try:
        actions.cancel(_actor(request), found)
    except actions.NotPossible as refusal:
        messages.warning(request, str(refusal))
    return redirect("appointments:appointment", ref=ref)


@public_page
@few_moves
@require_http_methods(["GET", "HEAD", "POST"])
def reschedule(request: Request, ref: str) -> HttpResponse:
    """Another time for the same reason; the old one is kept until the new one is won."""
    found = _by_ref(request, ref)
    if not found.can_change:
        return redirect("appointments:appointment", ref=ref)
    context: dict[str, object] = {"appointment": found}
    status = 200
    if request.method == "POST":
        chosen = parse_choice(request.POST.get("creneau", ""))
        if chosen is None:
            messages.warning(request, _("Choisissez une heure dans la liste."))
            return redirect("appointments:reschedule", ref=ref)
        try:
            site = Site.objects.filter(authority=found.authority, pk=chosen[1]).first()
            actions.reschedule(_actor(request), found, chosen[0], site)
            messages.success(request, _("Votre rendez-vous est déplacé."))
            return redirect("appointments:appointment", ref=ref)
        except actions.SlotTaken as taken:
            context["taken"] = chosen[0]
            context["nearest"] = choices(found.authority, taken.alternatives)
            status = 409
        except actions.NotPossible as refusal:
            messages.warning(request, str(refusal))
            return redirect("appointments:appointment", ref=ref)
    context |= _week(request, found.reason, str(found.site_id), request.GET.get("jour"))
    return render(request, "appointments/reschedule.html", context, status=status)


@public_page
@require_safe
def calendar_file(request: Request, ref: str) -> HttpResponse:
    """The appointment for one’s own agenda."""
    found = _by_ref(request, ref)
    if found.status in (Status.HELD, Status.EXPIRED):
        raise Http404
    response = HttpResponse(
        letters.calendar_file(found), content_type="text/calendar; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="rendez-vous.ics"'
    return response


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: Request) -> HttpResponse:
    """« Mes rendez-vous »: those of this browser, or the one whose reference is typed."""
    actor = _actor(request)
    form = ReferenceForm(request.POST if request.method == "POST" else None, actor=actor)
    if request.method == "POST" and form.is_valid():
        return redirect("appointments:appointment", ref=form.cleaned_data["ref"])
    mine = Appointment.objects.filter(
        authority=actor.authority, ref__in=request.session.get("my_appointments", [])
    ).exclude(status=Status.EXPIRED)
    context = {"form": form, "mine": mine.select_related("reason", "site")}
    return render(request, "appointments/find.html", context, status=422 if form.errors else 200)


def _actor(request: Request) -> Actor:
    actor: Actor = request.actor
    return actor


def _reason(request: Request, reason_id: int) -> Reason:
    return door(public_reasons(_actor(request).authority), _actor(request), pk=reason_id)


def _by_ref(request: Request, ref: str) -> Appointment:
    related = Appointment.objects.select_related(
        "reason__service", "reason__authority", "site", "agent", "person", "authority"
    )
    return door(related, _actor(request), ref=ref)


def _mine(request: Request, ref: str) -> Appointment | None:
    return Appointment.objects.filter(authority=_actor(request).authority, ref=ref).first()


def _remember(request: Request, found: Appointment) -> None:
    known = [ref for ref in request.session.get("my_appointments", []) if ref != found.ref]
    request.session["my_appointments"] = [*known, found.ref][-REMEMBERED:]


def _known(request: Request) -> dict[str, object]:
    """What the resident said already: in a try that failed, in the account, or last time."""
    draft: dict[str, object] | None = request.session.get("appointment_draft")
    if draft:
        return draft
    actor = _actor(request)
    person: Person | None
    if actor.account is not None:
        person = actor.account.person
    else:
        last = (
            Appointment.objects.filter(
                authority=actor.authority,
                ref__in=request.session.get("my_appointments", []),
                person__isnull=False,
            )
            .select_related("person")
            .order_by("-pk")
            .first()
        )
        person = last.person if last else None
    if person is None:
        return {}
    return {name: getattr(person, name) for name in ("given_name", "family_name", "email", "phone")}


def _week(request: Request, reason: Reason, site: str, first_day: str | None) -> dict[str, object]:
    """A week of choices from the day asked for, or from the first day that has one."""
    authority = _actor(request).authority
    chosen = (
        Site.objects.filter(authority=authority, pk=int(site)).first() if site.isdecimal() else None
    )
    wanted = Selection(reason, chosen.pk if chosen else None)
    period = bookable_period(reason)
    asked = parse_day(first_day)
    start = max(asked, period.first_day) if asked else period.first_day
    slots = grouped(find_slots(wanted, within(period, start, None)))
    if slots and asked is None:
        start = slots[0].starts_at.astimezone(authority.zone).date()
    end = _last_shown(slots, start, authority.zone)
    shown = [s for s in slots if s.starts_at.astimezone(authority.zone).date() <= end]
    later = (
        slots[len(shown)].starts_at.astimezone(authority.zone).date()
        if len(shown) < len(slots)
        else None
    )
    yesterday = start - dt.timedelta(days=1)
    before = find_slots(wanted, within(period, None, yesterday)) if asked else ()
    earlier = start - dt.timedelta(days=DAYS_SHOWN)
    return {
        "reason": reason,
        "site": chosen,
        "names_sites": chosen is None and reason_sites(reason).count() > 1,
        "days": by_day(choices(authority, shown), authority.zone),
        "first_day": start,
        "last_day": end,
        "earlier": max(earlier, period.first_day) if len(before) else None,
        "later": later,
        "topic": f"/slots/{authority.slug}",
    }


def _last_shown(slots: list[Slot], start: dt.date, zone: ZoneInfo) -> dt.date:
    """The last day of a page: a week at most, and whole days up to what a phone can show."""
    end = start + dt.timedelta(days=DAYS_SHOWN - 1)
    if len(slots) > MOST_SHOWN:
        full = slots[MOST_SHOWN].starts_at.astimezone(zone).date()
        end = min(end, max(start, full - dt.timedelta(days=1)))
    return end


def _taken(
    request: Request, reason: Reason, wanted: dt.datetime, taken: actions.SlotTaken
) -> HttpResponse:
    context = {
        "reason": reason,
        "wanted": wanted,
        "nearest": choices(_actor(request).authority, taken.alternatives),
        "in_past": wanted < timezone.now(),
    }
    return render(request, "appointments/taken.html", context, status=409)


def _too_late(request: Request, found: Appointment) -> HttpResponse:
    slots = nearest(Selection(found.reason, found.site_id), found.starts_at)
    context = {
        "reason": found.reason,
        "wanted": found.starts_at,
        "nearest": choices(found.authority, slots),
        "expired": True,
    }
    return render(request, "appointments/taken.html", context, status=410)
