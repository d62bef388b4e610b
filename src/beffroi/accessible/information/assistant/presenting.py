"""Turns and replies as the templates show them: dates parsed, links made, warnings decided."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from .models import Turn
from .replies import OFFERS_AN_AGENT, Reply, ReplyKind

OLD_AFTER_DAYS = 550
"""A text not verified for a year and a half may have changed: the page says so."""
_DECIDED = frozenset({ReplyKind.ANSWER, ReplyKind.UNKNOWN})
_EMERGENCY_NUMBER = re.compile(r"\b(?:3114|3919|11[2459]|1[578])\b")
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he"})


@dataclass(frozen=True, slots=True)
class ShownCitation:
    title: str
    heading: str
    lines: Sequence[str]
    url: str
    source: str
    language: str
    is_notice: bool
    verified: dt.date | dt.datetime | None
    """When an article was last verified, or a notice published."""
    warning: str
    """« texte de mai 2021, à vérifier », empty for a text known to be current."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the log."""

    turn: Turn
    kind: str
    lines: Sequence[str]
    citations: Sequence[ShownCitation] = ()
    choices: Sequence[Mapping[str, Any]] = ()
    language: str = ""
    numbers: Sequence[str] = ()
    """The emergency numbers that the message gives, to be called by one touch."""
    sureness: str = ""
    """How sure the assistant was, in words; for agents."""

    @property
    def is_automatic(self) -> bool:
        return self.turn.author == Turn.Author.ASSISTANT

    @property
    def is_right_to_left(self) -> bool:
        return self.language in _RIGHT_TO_LEFT


@dataclass(frozen=True, slots=True)
class Log:
    said: Sequence[Said] = field(default=())

    @property
    def offers_an_agent(self) -> bool:
        """Whether the last reply found nothing: the offer of an agent then comes first."""
        last = self.said[-1] if self.said else None
        return bool(last and last.is_automatic and last.kind in OFFERS_AN_AGENT)


def log_of(turns: Sequence[Turn]) -> Log:
    return Log([said(turn) for turn in turns])


def said(turn: Turn) -> Said:
    return Said(
        turn=turn,
        kind=turn.kind,
        lines=turn.text.split("\n") if turn.text else (),
        citations=[shown(citation) for citation in turn.citations],
        choices=turn.choices,
        language=turn.language,
        numbers=_numbers(turn),
        sureness=sureness(turn.probability) if turn.kind in _DECIDED else "",
    )


def _numbers(turn: Turn) -> list[str]:
    if turn.kind != ReplyKind.EMERGENCY:
        return []
    return list(dict.fromkeys(_EMERGENCY_NUMBER.findall(turn.text)))


def reply_as_said(reply: Reply) -> Said:
    """A reply that is not stored, as the same block shows it."""
    turn = Turn(
        author=Turn.Author.ASSISTANT,
        text=reply.text,
        language=reply.language if reply.kind == ReplyKind.LANGUAGE else "",
        kind=reply.kind,
        citations=reply.citations_as_json(),
        choices=reply.choices_as_json(),
    )
    return said(turn)


def shown(citation: Mapping[str, Any]) -> ShownCitation:
    is_notice = citation["kind"] == ReplyKind.NOTICE
    return ShownCitation(
        title=citation["title"],
        heading=citation["heading"],
        lines=citation["extract"].split("\n"),
        url=_notice_url(citation["notice_ref"]) if is_notice else citation["url"],
        source=_source(citation["source"]),
        language=citation["language"],
        is_notice=is_notice,
        verified=_moment(citation["verified_on"]),
        warning="" if is_notice else _warning(citation),
    )


def sureness(probability: float | None) -> str:
    """The probability in words; figures would pretend to more than is known."""
    if probability is None:
        return ""
    if probability >= 0.85:
        return _("très sûr")
    if probability >= 0.6:
        return _("plutôt sûr")
    if probability >= 0.35:
        return _("peu sûr")
    return _("pas sûr")


def _warning(citation: Mapping[str, Any]) -> str:
    snapshot = _month(citation["snapshot"])
    if snapshot is not None:
        return _("texte de %(month)s, à vérifier") % {"month": _month_in_words(snapshot)}
    verified = _moment(citation["verified_on"])
    if verified is None:
        return ""
    age = timezone.localdate() - (
        verified.date() if isinstance(verified, dt.datetime) else verified
    )
    if age.days <= OLD_AFTER_DAYS:
        return ""
    return _("texte de %(month)s, à vérifier") % {"month": _month_in_words(verified)}


def _month_in_words(day: dt.date) -> str:
    months = [
        _("janvier"), _("février"), _("mars"), _("avril"), _("mai"), _("juin"), _("juillet"),
        _("août"), _("septembre"), _("octobre"), _("novembre"), _("décembre"),
    ]  # fmt: skip
    return f"{months[day.month - 1]} {day.year}"


def _month(text: str) -> dt.date | None:
    """`2021-05` or `2021-05-17`; None for anything else."""
    try:
        return dt.date.fromisoformat(f"{text}-01" if len(text) == 7 else text)
    except ValueError:
        return None


def _moment(text: str) -> dt.date | dt.datetime | None:
    if not text:
        return None
    return dt.datetime.fromisoformat(text) if "T" in text else dt.date.fromisoformat(text)


def _notice_url(ref: str) -> str:
    try:
        return reverse("broadcast:notice", args=[ref])
    except NoReverseMatch:
        return ""


def _source(code: str) -> str:
    return {
        "service-public": _("service-public.fr / DILA"),
        "notice": _("Annonce en cours"),
    }.get(code, "")
