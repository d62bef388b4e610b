"""The agents' side: propose, review, publish, end."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from beffroi.base.access.public import Actor, Request, door, page, visible
from beffroi.base.provenance.public import chain

from . import actions
from .engine.plain_language import review
from .forms import NoticeForm, ReasonForm, options_of
from .mails import audience, letter_of
from .maps import map_of
from .models import Notice, State

ORDER = (State.PROPOSED, State.PUBLISHED, State.ENDED, State.CANCELLED)


@page("broadcast.propose")
@require_safe
def notices(request: Request) -> HttpResponse:
    actor: Actor = request.actor
    mine = visible(Notice.objects.all(), actor)
    counts = {
        row["state"]: row["n"] for row in mine.order_by().values("state").annotate(n=Count("pk"))
    }
    wanted = request.GET.get("etat", "")
    if wanted not in State.values:
        wanted = State.PROPOSED if counts.get(State.PROPOSED) else State.PUBLISHED
    rows = (
        mine.filter(state=wanted)
        .select_related("authority")
        .prefetch_related("streets")
        .order_by("-updated_at")
    )
    return render(
        request,
        "broadcast/desk_notices.html",
        {
            "page": Paginator(rows, 30).get_page(request.GET.get("page")),
            "tabs": [(state.value, state.label, counts.get(state.value, 0)) for state in ORDER],
            "wanted": wanted,
        },
    )


@page("broadcast.propose")
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: Request) -> HttpResponse:
    actor: Actor = request.actor
    if request.method != "POST":
        return _compose(request, NoticeForm(authority=actor.authority))
    form = NoticeForm(request.POST, authority=actor.authority)
    if "add" in request.POST:
        return _compose(request, _with_street(request, form))
    if form.is_valid():
        try:
            notice = actions.propose(actor, actor.authority, form.content())
        except ValidationError as refusal:
            _report(form, refusal)
        else:
            messages.success(request, _("L’annonce est prête. Relisez-la, puis publiez-la."))
            return redirect("broadcast:desk_notice", ref=notice.ref)
    return _compose(request, form, status=422)


@page("broadcast.propose")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, ref: str) -> HttpResponse:
    actor: Actor = request.actor
    notice = door(Notice, actor, "act", ref=ref)
    if request.method != "POST":
        return _compose(request, NoticeForm.of(notice), notice)
    form = NoticeForm(request.POST, authority=notice.authority)
    if "add" in request.POST:
        return _compose(request, _with_street(request, form), notice)
    if form.is_valid():
        try:
            actions.edit(actor, notice, form.content(), form.cleaned_data["version"] or 0)
        except ValidationError as refusal:
            _report(form, refusal)
        else:
            messages.success(request, _("L’annonce est modifiée."))
            return redirect("broadcast:desk_notice", ref=ref)
    return _compose(request, form, notice, status=422)


@page("broadcast.propose")
@require_safe
def notice(request: Request, ref: str) -> HttpResponse:
    """The notice as each surface will show it, what a reader may stumble on, and what can be done."""
    actor: Actor = request.actor
    found = door(
        Notice.objects.select_related("authority").prefetch_related("streets"), actor, ref=ref
    )
    may_act = visible(Notice.objects.filter(pk=found.pk), actor, "act").exists()
    waits = found.state in (State.DRAFT, State.PROPOSED)
    shown = found.shown_state == State.PUBLISHED
    return render(
        request,
        "broadcast/desk_notice.html",
        {
            "notice": found,
            "map": map_of(found),
            "steps": chain(found, actor),
            "remarks": review(f"{found.title}.\n{found.body}"),
            "letter": letter_of(found, "published", get_language() or "fr"),
            "audience": audience(found),
            "versions": found.versions.all(),
            "can_publish": may_act and waits and actor.may("broadcast.publish"),
            "can_edit": may_act and (waits or (shown and actor.may("broadcast.publish"))),
            "can_cancel": may_act and waits,
            "can_end": may_act and shown and actor.may("broadcast.publish"),
            "reason_form": ReasonForm(),
        },
    )


@page("broadcast.publish")
@require_POST
def publish(request: Request, ref: str) -> HttpResponse:
    actor: Actor = request.actor
    found = door(Notice, actor, "act", ref=ref)
    version = request.POST.get("version", "")
    try:
        actions.publish(actor, found, int(version) if version.isdecimal() else None)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(
            request, _("L’annonce est publiée. Elle est déjà sur le portail et les écrans.")
        )
    return redirect("broadcast:desk_notice", ref=ref)


@page("broadcast.publish")
@require_POST
def end(request: Request, ref: str) -> HttpResponse:
    actor: Actor = request.actor
    found = door(Notice, actor, "act", ref=ref)
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        actions.end(actor, found, reason)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("L’annonce est terminée. Elle disparaît partout."))
    return redirect("broadcast:desk_notice", ref=ref)


@page("broadcast.propose")
@require_POST
def cancel(request: Request, ref: str) -> HttpResponse:
    actor: Actor = request.actor
    found = door(Notice, actor, "act", ref=ref)
    try:
        actions.cancel(actor, found)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("L’annonce est mise de côté. Personne ne l’a vue."))
    return redirect("broadcast:desk")


def _compose(
    request: Request, form: NoticeForm, notice: Notice | None = None, status: int = 200
) -> HttpResponse:
    context = {"form": form, "notice": notice, "street_names": options_of(form.authority)}
    return render(request, "broadcast/compose.html", context, status=status)


def _with_street(request: Request, form: NoticeForm) -> NoticeForm:
    """The form as it was filled, with the street of the « Ajouter » field ticked or its likes offered."""
    form.is_valid()
    data: QueryDict = request.POST
    chosen = [key for key in data.getlist("chosen") if key.isdigit()]
    initial: dict[str, object] = {
        name: data.get(name, "") for name in form.fields if name != "chosen"
    }
    initial["chosen"] = [*map(int, chosen), *(street.pk for street in form.added)]
    if form.added:
        initial["street"] = ""
    fresh = NoticeForm(authority=form.authority, initial=initial)
    fresh.show(form.offered)
    if not form.added:
        problems = form.errors.get("street", [_("Écrivez d’abord le nom d’une rue.")])
        messages.warning(request, " ".join(str(problem) for problem in problems))
    return fresh


def _report(form: NoticeForm, refusal: ValidationError) -> None:
    fields = refusal.message_dict if hasattr(refusal, "error_dict") else {}
    known = {name: texts for name, texts in fields.items() if name in form.fields}
    for name, texts in known.items():
        form.add_error(name, texts)
    if not known:
        form.add_error(None, refusal.messages)
