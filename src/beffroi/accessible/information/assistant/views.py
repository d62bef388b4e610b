"""The resident's side: ask, read, choose, say whether it helped, ask for a person."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from beffroi.accessible.reception.appointments.public import booking_address
from beffroi.base.access.public import Request, door, follow, paced, public_page
from beffroi.base.retention.public import days_for

from . import actions, presenting, queries
from .forms import HandOverForm, QuestionForm
from .models import Conversation, Turn

#: Messages of one address: a class that tries the assistant passes, a program that fills it does not.
few_messages = paced(most=200, seconds=600)


@never_cache
@require_http_methods(["GET", "POST"])
@public_page
@few_messages
def ask(request: Request) -> HttpResponse:
    """The first question. Nothing is stored before it is sent."""
    form = QuestionForm(_sent(request), initial={"question": request.GET.get("q", "")[:1000]})
    if request.method == "POST" and form.is_valid():
        conversation = actions.ask(request.actor, form.cleaned_data["question"])
        return _to_the_last_message(conversation)
    status = 422 if request.method == "POST" else 200
    return render(request, "assistant/ask.html", {"form": form, **_facts(request)}, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
@public_page
@few_messages
def conversation(request: Request, ref: str) -> HttpResponse:
    """The conversation, and the next question."""
    found = _own(request, ref)
    form = QuestionForm(_sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask(request.actor, form.cleaned_data["question"], found)
        except actions.Refused as refused:
            messages.error(request, str(refused))
        return _to_the_last_message(found)
    context = {
        **_log(found),
        "form": form,
        "booking_address": booking_address(found),
        **_facts(request),
    }
    status = 422 if request.method == "POST" else 200
    response = render(request, "assistant/conversation.html", context, status=status)
    follow(request, response, [found.topic])
    return response


@never_cache
@require_GET
@public_page
def turns(request: Request, ref: str) -> HttpResponse:
    """The log alone: fetched again by an open page when something is said."""
    return render(request, "assistant/_log.html", _log(_own(request, ref)))


@require_POST
@public_page
def choose(request: Request, ref: str, turn_id: int) -> HttpResponse:
    found = _own(request, ref)
    turn = get_object_or_404(Turn, conversation=found, pk=turn_id)
    try:
        actions.choose(request.actor, found, turn, _number(request.POST.get("article", "")))
    except actions.Refused as refused:
        messages.error(request, str(refused))
    return _to_the_last_message(found)


@require_POST
@public_page
def judge(request: Request, ref: str, turn_id: int) -> HttpResponse:
    found = _own(request, ref)
    turn = get_object_or_404(Turn, conversation=found, pk=turn_id)
    feedback = request.POST.get("feedback", "")
    if feedback not in Turn.Feedback.values:
        raise Http404(feedback)
    actions.judge(found, turn, feedback)
    return _to_the_last_message(found)


@never_cache
@require_http_methods(["GET", "POST"])
@public_page
@paced(most=20, seconds=600)
def hand_over(request: Request, ref: str) -> HttpResponse:
    """Asks for an agent: name and contact are optional, and the page says what is kept."""
    found = _own(request, ref)
    form = HandOverForm(_sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_for_an_agent(request.actor, found, **form.cleaned_data)
        except actions.Refused as refused:
            messages.error(request, str(refused))
        return _to_the_last_message(found)
    context = {"conversation": found, "form": form, **_facts(request)}
    status = 422 if request.method == "POST" else 200
    return render(request, "assistant/hand_over.html", context, status=status)


def _to_the_last_message(found: Conversation) -> HttpResponse:
    """Reading goes on at what was said last: a long conversation does not begin again."""
    address = reverse("assistant:conversation", args=[found.ref])
    last = found.turns.exclude(author=Turn.Author.NOTE).order_by("pk").last()
    return HttpResponseRedirect(f"{address}#echange-{last.pk}" if last else address)


def _own(request: Request, ref: str) -> Conversation:
    """The conversation of this address; one of a signed-in resident opens for that person only."""
    actor = request.actor
    found = door(Conversation.objects.select_related("authority", "person"), actor, ref=ref)
    if found.person is not None and found.person.key != actor.person_key:
        raise Http404(ref)
    return found


def _log(found: Conversation) -> dict[str, object]:
    hand_over = queries.open_hand_over(found)
    return {
        "conversation": found,
        "log": presenting.log_of(queries.turns_for(found, agent=False)),
        "hand_over": hand_over,
    }


def _facts(request: Request) -> dict[str, object]:
    return {"keep_days": days_for(request.authority, "assistant.Conversation")}


def _sent(request: Request) -> QueryDict | None:
    """What was sent; an empty form is still a form."""
    return request.POST if request.method == "POST" else None


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0
