"""The agents' side: take a conversation, answer, note, transfer, close."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from beffroi.base.access.public import Request, door, follow, page
from beffroi.base.audit.public import record
from beffroi.base.provenance.public import chain

from . import actions, presenting, queries
from .forms import AnswerForm, NoteForm, TransferForm
from .models import HandOver

_WITH_PEOPLE = ("conversation__person", "service", "assigned__person", "authority")


@require_GET
@page("assistant.answer")
def hand_overs(request: Request) -> HttpResponse:
    """The conversations that wait for an agent or are with one."""
    found = Paginator(queries.open_hand_overs(request.actor), 50)
    return render(request, "assistant/desk.html", {"page": found.get_page(request.GET.get("page"))})


@never_cache
@require_GET
@page("assistant.answer")
def conversation(request: Request, pk: int) -> HttpResponse:
    found = _hand_over(request, pk)
    return _conversation(request, found)


@never_cache
@require_GET
@page("assistant.answer")
def turns(request: Request, pk: int) -> HttpResponse:
    """The log alone: fetched again by an open page when something is said."""
    found = _hand_over(request, pk)
    return render(request, "assistant/_desk_log.html", _log(found))


@require_POST
@page("assistant.answer")
def take(request: Request, pk: int) -> HttpResponse:
    return _done(request, pk, lambda found: actions.take(request.actor, found))


@require_POST
@page("assistant.answer")
def answer(request: Request, pk: int) -> HttpResponse:
    found = _hand_over(request, pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _conversation(request, found, answer=form, status=422)
    text = form.cleaned_data["text"]
    try:
        actions.answer(request.actor, found, text)
    except actions.Refused as refused:
        form.add_error("text", str(refused))
        return _conversation(request, _hand_over(request, pk), answer=form, status=409)
    messages.success(request, _("Réponse envoyée. L’usager la voit tout de suite."))
    return redirect("assistant:desk_conversation", pk)


@require_POST
@page("assistant.answer")
def note(request: Request, pk: int) -> HttpResponse:
    found = _hand_over(request, pk)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _conversation(request, found, note=form, status=422)
    actions.note(request.actor, found, form.cleaned_data["note"])
    return redirect("assistant:desk_conversation", pk)


@require_POST
@page("assistant.answer")
def close(request: Request, pk: int) -> HttpResponse:
    return _done(request, pk, lambda found: actions.close(request.actor, found))


@require_POST
@page("assistant.answer")
def transfer(request: Request, pk: int) -> HttpResponse:
    found = _hand_over(request, pk)
    form = TransferForm(found.authority, request.POST)
    if not form.is_valid():
        return _conversation(request, found, transfer=form, status=422)
    service = form.cleaned_data["service"]
    return _done(request, pk, lambda found: actions.transfer(request.actor, found, service))


def _done(request: Request, pk: int, act: Callable[[HandOver], None]) -> HttpResponse:
    """Acts, then shows the conversation again; a refusal is said there."""
    try:
        act(_hand_over(request, pk))
    except actions.Refused as refused:
        messages.error(request, str(refused))
    return redirect("assistant:desk_conversation", pk)


def _hand_over(request: Request, pk: int) -> HandOver:
    queryset = HandOver.objects.select_related(*_WITH_PEOPLE)
    return door(queryset, request.actor, pk=pk)


def _log(found: HandOver) -> dict[str, object]:
    return {
        "hand_over": found,
        "conversation": found.conversation,
        "log": presenting.log_of(queries.turns_for(found.conversation, agent=True)),
    }


def _conversation(
    request: Request,
    found: HandOver,
    *,
    answer: AnswerForm | None = None,
    note: NoteForm | None = None,
    transfer: TransferForm | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = request.actor
    record(actor, "conversation.read", found)
    context = {
        **_log(found),
        "answer_form": answer or AnswerForm(),
        "note_form": note or NoteForm(),
        "transfer_form": transfer or TransferForm(found.authority),
        "is_mine": actor.account is not None and found.assigned_id == actor.account.pk,
        "steps": chain(found.conversation, actor),
    }
    response = render(request, "assistant/desk_conversation.html", context, status=status)
    follow(request, response, [found.conversation.topic])
    return response
