"""A partner’s pages: propose a workshop, follow one’s own proposals and nobody else’s."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from beffroi.base.access.public import Actor, Request, page

from . import actions
from .forms import SessionForm, WorkshopForm
from .queries import proposals_of, shown


@page("workshops.propose")
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: Request) -> HttpResponse:
    """A workshop with its first date, on one page."""
    actor: Actor = request.actor
    data = request.POST or None
    workshop, first = WorkshopForm(data), SessionForm(data, actor=actor)
    if request.method == "POST" and workshop.is_valid() and first.is_valid():
        made = actions.propose(actor, workshop.instance, first.instance)
        if actor.may("workshops.manage"):
            messages.success(request, _("L’atelier est ouvert aux inscriptions."))
            return redirect("workshops:decide", ref=made.ref)
        messages.success(request, _("Merci. Un agent lit votre proposition et vous répond."))
        return redirect("workshops:proposals")
    failed = bool(workshop.errors or first.errors)
    context = {"workshop_form": workshop, "session_form": first, "failed": failed}
    return render(request, "workshops/propose.html", context, status=422 if failed else 200)


@page("workshops.propose")
@require_safe
def proposals(request: Request) -> HttpResponse:
    """One’s own proposals, what was answered, and how many people come."""
    actor: Actor = request.actor
    pages = Paginator(proposals_of(actor), 20).get_page(request.GET.get("page"))
    dates = shown([session for workshop in pages for session in workshop.sessions.all()])
    counts = {one.session.pk: one for one in dates}
    rows = [(w, [counts[s.pk] for s in w.sessions.all()]) for w in pages]
    return render(request, "workshops/proposals.html", {"rows": rows, "page": pages})
