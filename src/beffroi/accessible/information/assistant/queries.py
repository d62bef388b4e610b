"""What pages and other rooms read of conversations."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from beffroi.base.access.public import Actor, visible
from beffroi.base.desk.public import WorkItem
from beffroi.base.people.models import Person
from beffroi.base.people.procedures import Procedure
from beffroi.base.provenance.public import Step

from .models import Conversation, HandOver, Turn

MOST_WAITING = 500
OPEN = (HandOver.State.WAITING, HandOver.State.TAKEN)


def open_hand_overs(actor: Actor) -> QuerySet[HandOver]:
    return (
        visible(HandOver.objects.filter(state__in=OPEN), actor)
        .select_related("conversation", "service", "assigned__person")
        .order_by("created_at", "pk")
    )


def waiting_hand_overs(actor: Actor) -> list[WorkItem]:
    """The open relays for the desk: one query."""
    if not actor.may("assistant.answer"):
        return []
    account_id = actor.account.pk if actor.account else None
    return [
        WorkItem(
            kind=_("Conversation"),
            ref=hand_over.conversation.ref,
            title=hand_over.subject,
            detail=_("prise par %(name)s") % {"name": hand_over.assigned}
            if hand_over.assigned
            else _("attend une réponse"),
            at=hand_over.created_at,
            url=reverse("assistant:desk_conversation", args=[hand_over.pk]),
            mine=account_id is not None and hand_over.assigned_id == account_id,
            team=_is_of_team(hand_over, actor),
            severity=0 if hand_over.assigned_id else 2,
            service=hand_over.service.name if hand_over.service else "",
        )
        for hand_over in open_hand_overs(actor)[:MOST_WAITING]
    ]


def _is_of_team(hand_over: HandOver, actor: Actor) -> bool:
    if actor.service_ids is None or hand_over.service_id is None:
        return True
    return hand_over.service_id in actor.service_ids


def turns_for(conversation: Conversation, *, agent: bool) -> list[Turn]:
    """The messages in order; internal notes for agents only."""
    turns = conversation.turns.select_related("account__person")
    return list(turns if agent else turns.exclude(author=Turn.Author.NOTE))


def open_hand_over(conversation: Conversation) -> HandOver | None:
    return conversation.hand_overs.filter(state__in=OPEN).select_related("assigned__person").first()


def conversations_of(person: Person) -> list[Procedure]:
    """A resident's conversations, for « Mes démarches »: two queries."""
    first_turns = Prefetch(
        "turns", Turn.objects.filter(author=Turn.Author.RESIDENT).order_by("pk"), "asked"
    )
    conversations = person.conversations.prefetch_related(first_turns)[:50]
    return [_procedure(conversation, conversation.asked) for conversation in conversations]


def _procedure(conversation: Conversation, asked: Sequence[Turn]) -> Procedure:
    return Procedure(
        kind_label=_("Question"),
        title=asked[0].text[:120] if asked else _("Question"),
        detail=conversation.get_state_display(),
        at=conversation.last_at,
        url=reverse("assistant:conversation", args=[conversation.ref]),
    )


def describe_conversation(id: int, version: int | None, actor: Actor) -> Step | None:
    """How a conversation is shown on the cord of what it led to."""
    conversation = visible(Conversation.objects.filter(pk=id), actor).first()
    if conversation is None or not actor.may("assistant.answer"):
        return None
    hand_over = conversation.hand_overs.last()
    return Step(
        kind_label=_("Question"),
        title=hand_over.subject if hand_over else _("Question d’un usager"),
        at=conversation.created_at,
        url=reverse("assistant:desk_conversation", args=[hand_over.pk]) if hand_over else "",
    )
