"""What other rooms, and the benches, may ask of the assistant."""

from __future__ import annotations

from collections.abc import Collection

from beffroi.base.authorities.models import Authority

from . import knowledge
from .answering import reply_in, today_of
from .knowledge import Found
from .replies import Citation, Reply, ReplyKind

__all__ = ["Citation", "Found", "Reply", "ReplyKind", "answer", "search"]


def answer(authority: Authority, text: str, language: str = "fr") -> Reply:
    """The assistant's reply to one message, in a language of the interface; stored nowhere.

    Never raises for any text. ``reply.ranked`` holds the primary keys of the best articles.
    """
    return reply_in(authority, text, language)


def search(
    authority: Authority,
    text: str,
    *,
    hidden: Collection[int] = (),
    untitled: Collection[int] = (),
) -> Found:
    """The articles that a reply would be made from, today, with the decision and its probability.

    ``hidden`` and ``untitled`` are primary keys of articles to leave out, and to read without
    their title. Raises KeyError for an article that is not in the index.
    """
    known = knowledge.known(authority)
    return known.search(text, today_of(authority), hidden=hidden, untitled=untitled)
