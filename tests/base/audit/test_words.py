"""The journal speaks to people: words for what the code writes down."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from beffroi.base.audit.public import record
from beffroi.base.audit.words import VERBS, say_kind, say_verb


def recorded_verbs() -> set[str]:
    """The verbs written as such in calls of `record`; a conditional gives both of its branches."""
    found = set()
    for path in Path(settings.PACKAGE).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "record":
                verb = node.args[1]
                branches = [verb.body, verb.orelse] if isinstance(verb, ast.IfExp) else [verb]
                found |= {b.value for b in branches if isinstance(b, ast.Constant)}
    return found


def test_every_verb_that_is_recorded_has_words():
    assert recorded_verbs() - set(VERBS) == set()


@pytest.mark.parametrize(
    ("verb", "words"), [("notice.published", "Annonce publiée"), ("unheard.of", "unheard.of")]
)
def test_a_verb_is_said_in_words_or_as_it_stands(verb, words):
    assert say_verb(verb).lower() == words.lower()


def test_a_kind_that_is_gone_keeps_its_code():
    assert say_kind("old.thing") == "old.thing"
    assert say_kind("") == ""


def test_the_journal_shows_words_and_no_code(client_for, agent):
    record(agent, "notice.published", agent.authority)
    page = client_for("head").get(reverse("audit:journal")).content.decode()
    assert "Annonce publiée" in page
    assert "Collectivité" in page
    assert "authorities.authority" not in page
    assert ">notice.published<" not in page
