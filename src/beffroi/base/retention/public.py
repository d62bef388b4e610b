"""How long things are kept: a table that the data protection officer edits, not a constant."""

from __future__ import annotations

from beffroi.base.authorities.models import Authority

from .rules import Rule, all_rules, durations_of

__all__ = ["Rule", "all_rules", "days_for", "durations_of"]


def days_for(authority: Authority, kind: str) -> int:
    """Days for which an authority keeps a kind (`assistant.Conversation`).

    Raises KeyError when no room declares a rule for it.
    """
    return durations_of(authority)[kind]
