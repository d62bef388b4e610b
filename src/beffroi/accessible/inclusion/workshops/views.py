"""The resident’s pages: sessions to come, registering, one’s own registration by its link."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from beffroi.base.access.public import Actor, Request, door, paced, public_page

from . import actions, letters, seats
from .forms import ParticipantForm
from .models import Registration, RegistrationState, Session
from .presence import event_data
from .queries import public_sessions, shown


@public_page
@require_safe
def sessions(request: Request) -> HttpResponse:
    """Every session to come, with the seats that are left, live."""
    authority = _actor(request).authority
    listed = shown(list(public_sessions(authority)[:200]))
    context = {"sessions": listed, "topic": f"/workshops/{authority.slug}"}
    part = "_sessions.html" if request.GET.get("fragment") else "sessions.html"
    return render(request, f"workshops/{part}", context)


#: Registrations of one address, by page or API: each takes a seat and writes a letter.
few_registrations = paced(most=30, seconds=600)


@public_page
@few_registrations
@require_http_methods(["GET", "HEAD", "POST"])
def session(request: Request, ref: str) -> HttpResponse:
    """One session, and the form to register or to wait."""
    actor = _actor(request)
    related = Session.objects.select_related("workshop", "site", "authority").filter(
        workshop__state="approved"
    )
    found = door(related, actor, ref=ref)
    one = shown([found])[0]
    if request.GET.get("fragment"):
        return render(request, "workshops/_seats.html", {"one": one})
    form = ParticipantForm(request.POST or None, initial=_known(request))
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            registration = actions.register(actor, found, form.participant)
        except actions.NotPossible as refusal:
            messages.warning(request, str(refusal))
            return redirect("workshops:session", ref=ref)
        _remember(request, registration)
        return redirect("workshops:registration", ref=registration.ref)
    if form.errors:
        status = 422
    context = {
        "one": one,
        "form": form,
        "topic": f"/workshops/{actor.authority.slug}",
        # Safe: event_data writes <, > and & as JSON escapes, and a test puts markup into every text.
        "event_data": mark_safe(event_data(one)),  # noqa: S308
    }
    return render(request, "workshops/session.html", context, status=status)


@public_page
@require_safe
def registration(request: Request, ref: str) -> HttpResponse:
    """A seat, a place in the waiting list, or a seat that is offered, by its link."""
    found = _by_ref(request, ref)
    context = {
        "registration": found,
        "position": seats.position(found) if found.state == RegistrationState.WAITING else None,
    }
    return render(request, "workshops/registration.html", context)


@public_page
@require_POST
def accept(request: Request, ref: str) -> HttpResponse:
    """Take the seat that was offered."""
    try:
        actions.accept(_actor(request), _by_ref(request, ref))
        messages.success(request, _("La place est à vous."))
    except actions.NotPossible as refusal:
        messages.warning(request, str(refusal))
    return redirect("workshops:registration", ref=ref)


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: Request, ref: str) -> HttpResponse:
    """Asked once, then done: the seat goes to the next who waits."""
    found = _by_ref(request, ref)
    if request.method != "POST":
        return render(request, "workshops/leave.html", {"registration": found})
    try:
        actions.leave(_actor(request), found)
    except actions.NotPossible as refusal:
        messages.warning(request, str(refusal))
    return redirect("workshops:registration", ref=ref)


@public_page
@require_safe
def calendar_file(request: Request, ref: str) -> HttpResponse:
    """The session for one’s own agenda."""
    found = _by_ref(request, ref)
    response = HttpResponse(
        letters.calendar_file(found), content_type="text/calendar; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="atelier.ics"'
    return response


def _actor(request: Request) -> Actor:
    actor: Actor = request.actor
    return actor


def _by_ref(request: Request, ref: str) -> Registration:
    related = Registration.objects.select_related(
        "session__workshop", "session__site", "session__authority", "person", "authority"
    )
    return door(related, _actor(request), ref=ref)


def _remember(request: Request, found: Registration) -> None:
    request.session["my_registrations"] = [
        *request.session.get("my_registrations", []),
        found.ref,
    ][-10:]


def _known(request: Request) -> dict[str, object]:
    """What this person said already: in the account, or when registering last."""
    actor = _actor(request)
    if actor.account is not None:
        person = None if actor.is_agent else actor.account.person
    else:
        last = (
            Registration.objects.filter(
                authority=actor.authority,
                ref__in=request.session.get("my_registrations", []),
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
