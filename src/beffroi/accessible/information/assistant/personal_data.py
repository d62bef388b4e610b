from __future__ import annotations

from beffroi.base.people.models import Person

from .models import Conversation, HandOver, Turn


def export(person: Person) -> dict[str, object]:
    """The person's conversations, without the agents' internal notes."""
    conversations = Conversation.objects.filter(person=person).prefetch_related(
        "turns", "hand_overs"
    )
    return {"conversations": [_conversation(conversation) for conversation in conversations]}


def erase(person: Person) -> None:
    """One's conversations go; of those begun without signing in, the name and the address left there."""
    Conversation.objects.filter(person=person).delete()
    if person.email:
        left = HandOver.objects.filter(conversation__person=None, contact__iexact=person.email)
        left.update(name="", contact="")


def _conversation(conversation: Conversation) -> dict[str, object]:
    return {
        "ref": conversation.ref,
        "created_at": conversation.created_at.isoformat(),
        "messages": [
            {"author": turn.author, "text": turn.text, "at": turn.created_at.isoformat()}
            for turn in conversation.turns.all()
            if turn.author != Turn.Author.NOTE
        ],
        "hand_overs": [
            {"name": relay.name, "contact": relay.contact, "at": relay.created_at.isoformat()}
            for relay in conversation.hand_overs.all()
        ],
    }
