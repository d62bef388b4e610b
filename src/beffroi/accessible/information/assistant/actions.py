"""What residents and agents do in a conversation. Each action is one transaction."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from beffroi.base.access.public import Actor
from beffroi.base.audit.public import record
from beffroi.base.authorities.models import Authority, Domain, Service
from beffroi.base.outbox.public import announce, emit
from beffroi.base.people.models import Account, Person

from . import answering
from .engine.masking import mask
from .models import Conversation, HandOver, Turn
from .replies import Reply, ReplyKind

LONGEST_ANSWER = 4000
MOST_TURNS = 200
_WITH_PEOPLE = (Conversation.State.WAITING, Conversation.State.AGENT)


class Refused(Exception):
    """The action cannot be done now; the message says why, to the person who asked."""


def begin(actor: Actor) -> Conversation:
    """A new conversation; of the signed-in resident when there is one."""
    person = None
    if actor.person_key is not None and not actor.is_agent:
        person = Person.objects.filter(key=actor.person_key).first()
    language = answering.interface_language(get_language() or "fr")
    return Conversation.objects.create(authority=actor.authority, person=person, language=language)


def ask(actor: Actor, text: str, conversation: Conversation | None = None) -> Conversation:
    """A resident's message. The assistant replies, unless an agent has the conversation.

    A message after the end gives the conversation back to the assistant. Raises Refused when it is
    too long.
    """
    text = text.replace("\0", "").strip()[: answering.LONGEST_QUESTION]
    reply = None
    if conversation is None or conversation.state not in _WITH_PEOPLE:
        reply = answering.reply_to(actor.authority, text)
    with transaction.atomic():
        conversation = _open(conversation) if conversation else begin(actor)
        Turn.objects.create(
            conversation=conversation, author=Turn.Author.RESIDENT, text=mask(text).text
        )
        if reply is not None and conversation.state not in _WITH_PEOPLE:
            conversation.state = Conversation.State.ASSISTANT
            _add_reply(conversation, reply)
        _touched(conversation)
    return conversation


def choose(actor: Actor, conversation: Conversation, turn: Turn, article_id: int) -> None:
    """The resident's choice among the articles that a reply proposed."""
    choice = next((c for c in turn.choices if c["article"] == article_id), None)
    if choice is None:
        raise Refused(_("Ce choix n’est plus proposé."))
    question = _question_before(turn)
    reply = answering.reply_about(actor.authority, article_id, question)
    with transaction.atomic():
        conversation = _open(conversation)
        Turn.objects.create(
            conversation=conversation, author=Turn.Author.RESIDENT, text=choice["label"]
        )
        _add_reply(conversation, reply)
        _touched(conversation)


@transaction.atomic
def judge(conversation: Conversation, turn: Turn, feedback: str) -> None:
    """The resident says whether a reply was useful; the last word counts."""
    Turn.objects.filter(pk=turn.pk, conversation=conversation, author=Turn.Author.ASSISTANT).update(
        feedback=Turn.Feedback(feedback)
    )


def ask_for_an_agent(
    actor: Actor, conversation: Conversation, name: str = "", contact: str = ""
) -> HandOver:
    """Puts the conversation on the agents' desk; asking twice keeps the first place.

    A name or contact given the second time completes the first.
    """
    with transaction.atomic():
        conversation = _open(conversation)
        hand_over, new = HandOver.objects.get_or_create(
            conversation=conversation,
            state__in=[HandOver.State.WAITING, HandOver.State.TAKEN],
            defaults={
                "authority": conversation.authority,
                "conversation": conversation,
                "state": HandOver.State.WAITING,
                "service": _first_service(conversation.authority),
                "subject": _subject(conversation),
            },
        )
        hand_over.name = name.strip()[:150] or hand_over.name
        hand_over.contact = contact.strip()[:150] or hand_over.contact
        hand_over.save(update_fields=["name", "contact"])
        if new:
            conversation.state = Conversation.State.WAITING
            record(actor, "conversation.handed_over", hand_over)
            emit("conversation_handed_over", hand_over, conversation=conversation.ref)
        _touched(conversation, desk=True)
    return hand_over


def take(actor: Actor, hand_over: HandOver) -> None:
    """The agent becomes the one owner. Raises Refused when a colleague was faster."""
    actor.require("assistant.answer")
    with transaction.atomic():
        taken = HandOver.objects.filter(pk=hand_over.pk, state=HandOver.State.WAITING).update(
            state=HandOver.State.TAKEN, assigned=actor.account, taken_at=timezone.now()
        )
        if not taken:
            hand_over.refresh_from_db()
            if hand_over.assigned_id == _account_id(actor):
                return
            raise Refused(
                _("%(name)s a déjà pris cette conversation.") % {"name": hand_over.assigned}
                if hand_over.assigned
                else _("Cette conversation est terminée.")
            )
        hand_over.refresh_from_db()
        conversation = hand_over.conversation
        conversation.state = Conversation.State.AGENT
        record(actor, "conversation.taken", hand_over)
        _touched(conversation, desk=True)


def answer(actor: Actor, hand_over: HandOver, text: str) -> Turn:
    """The agent's answer: the resident sees it at once. Taking comes first, by itself."""
    actor.require("assistant.answer")
    with transaction.atomic():
        hand_over = _held(actor, hand_over)
        turn = Turn.objects.create(
            conversation=hand_over.conversation,
            author=Turn.Author.AGENT,
            account=actor.account,
            text=text.replace("\0", "").strip()[:LONGEST_ANSWER],
        )
        record(actor, "conversation.answered", hand_over)
        emit("conversation_answered", hand_over, conversation=hand_over.conversation.ref)
        _touched(hand_over.conversation, desk=True)
    return turn


@transaction.atomic
def note(actor: Actor, hand_over: HandOver, text: str) -> Turn:
    """A remark for colleagues only."""
    actor.require("assistant.answer")
    turn = Turn.objects.create(
        conversation=hand_over.conversation,
        author=Turn.Author.NOTE,
        account=actor.account,
        text=text.replace("\0", "").strip()[:LONGEST_ANSWER],
    )
    record(actor, "conversation.noted", hand_over)
    return turn


def close(actor: Actor, hand_over: HandOver) -> None:
    """Ends the relay; the next message goes to the assistant again. Closing twice changes nothing."""
    actor.require("assistant.answer")
    with transaction.atomic():
        closed = HandOver.objects.filter(~Q(state=HandOver.State.CLOSED), pk=hand_over.pk).update(
            state=HandOver.State.CLOSED, closed_at=timezone.now()
        )
        if closed:
            conversation = hand_over.conversation
            conversation.state = Conversation.State.CLOSED
            record(actor, "conversation.closed", hand_over)
            _touched(conversation, desk=True)


def transfer(actor: Actor, hand_over: HandOver, service: Service) -> None:
    """Gives the conversation to another service, where it waits to be taken."""
    actor.require("assistant.answer")
    if service.authority_id != hand_over.authority_id:
        raise Refused(_("Ce service est celui d’une autre collectivité."))
    with transaction.atomic():
        moved = HandOver.objects.filter(~Q(state=HandOver.State.CLOSED), pk=hand_over.pk).update(
            state=HandOver.State.WAITING, assigned=None, taken_at=None, service=service
        )
        if not moved:
            raise Refused(_("Cette conversation est terminée."))
        conversation = hand_over.conversation
        conversation.state = Conversation.State.WAITING
        record(actor, "conversation.transferred", hand_over, service=service.slug)
        _touched(conversation, desk=True)


def _held(actor: Actor, hand_over: HandOver) -> HandOver:
    """The hand-over, owned by the actor. Raises Refused when somebody else owns it."""
    take(actor, hand_over)
    return HandOver.objects.select_for_update().select_related("conversation").get(pk=hand_over.pk)


def _open(conversation: Conversation) -> Conversation:
    """The conversation as it is now, locked until the commit."""
    current = (
        Conversation.objects.select_for_update().select_related("authority").get(pk=conversation.pk)
    )
    if current.turns.count() >= MOST_TURNS:
        raise Refused(_("Cette conversation est trop longue. Commencez-en une nouvelle."))
    return current


def _add_reply(conversation: Conversation, reply: Reply) -> None:
    Turn.objects.create(
        conversation=conversation,
        author=Turn.Author.ASSISTANT,
        text=reply.text,
        language=reply.language if reply.kind == ReplyKind.LANGUAGE else "",
        kind=reply.kind,
        citations=reply.citations_as_json(),
        choices=reply.choices_as_json(),
        probability=reply.probability,
        knowledge_version=reply.knowledge_version,
    )


def _touched(conversation: Conversation, *, desk: bool = False) -> None:
    """Saves the state, and tells the open pages that something was said."""
    conversation.last_at = timezone.now()
    conversation.save(update_fields=["state", "last_at"])
    announce([conversation.topic], {"state": conversation.state}, private=True)
    if desk:
        announce([f"/desk/{conversation.authority.slug}"], {"kind": "conversation"}, private=True)


def _question_before(turn: Turn) -> str:
    asked = Turn.objects.filter(
        conversation=turn.conversation_id, author=Turn.Author.RESIDENT, pk__lt=turn.pk
    ).last()
    return asked.text if asked else ""


def _subject(conversation: Conversation) -> str:
    first = conversation.turns.filter(author=Turn.Author.RESIDENT).first()
    text = " ".join(first.text.split()) if first else ""
    return text[:199] or _("Demande d’un agent")


def _first_service(authority: Authority) -> Service | None:
    """Who receives conversations first: information, else reception, else nobody in particular."""
    for domain in (Domain.INFORMATION, Domain.RECEPTION):
        found = Service.objects.filter(authority=authority, domain=domain).first()
        if found:
            return found
    return None


def _account_id(actor: Actor) -> int | None:
    return actor.account.pk if isinstance(actor.account, Account) else None
