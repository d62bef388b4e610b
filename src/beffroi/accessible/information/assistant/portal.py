"""The assistant in the portal's one field: its reply comes first, nothing is stored."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from . import answering, presenting
from .replies import ReplyKind

_WORTH_SHOWING = frozenset(ReplyKind) - {ReplyKind.NOISE, ReplyKind.SMALL_TALK}


def answer_block(request: HttpRequest, text: str) -> SafeString | str:
    """The reply to what was typed, with a way to go on; empty for a greeting or noise."""
    reply = answering.reply_to(request.authority, text)  # type: ignore[attr-defined]
    if reply.kind not in _WORTH_SHOWING:
        return ""
    context = {"said": presenting.reply_as_said(reply), "question": text, "reply": reply}
    return render_to_string("assistant/_portal_answer.html", context, request)
