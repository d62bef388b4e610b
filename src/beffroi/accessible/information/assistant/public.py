"""What other rooms, and the benches, may ask of the assistant."""

from __future__ import annotations

from beffroi.base.authorities.models import Authority

from .answering import reply_in, reply_to
from .replies import Citation, Reply, ReplyKind

__all__ = ["Citation", "Reply", "ReplyKind", "answer", "reply_to"]


def answer(authority: Authority, text: str, language: str = "fr") -> Reply:
    """The assistant's reply to one message, in a language of the interface; stored nowhere.

    Never raises for any text. ``reply.ranked`` holds the primary keys of the best articles.
    """
    return reply_in(authority, text, language)
