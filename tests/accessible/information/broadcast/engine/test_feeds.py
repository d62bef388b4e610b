from __future__ import annotations

import json
from datetime import UTC, datetime

from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from beffroi.accessible.information.broadcast.engine.feeds import Entry, Feed, atom, json_feed

NOW = datetime(2026, 11, 24, 7, 12, tzinfo=UTC)
A = "{http://www.w3.org/2005/Atom}"


def feed(title: str, text: str) -> Feed:
    entry = Entry(
        "http://t/annonces/X/", title, text, NOW, NOW, [("water", title)], {"severity": "Severe"}
    )
    return Feed("http://t/flux", "http://t/", title, "Vernay", "fr", NOW, [entry])


@given(st.text(max_size=80), st.text(max_size=200))
def test_any_text_makes_a_document_that_parses(title: str, text: str) -> None:
    root = ElementTree.fromstring(atom(feed(title, text)))
    assert len(root.findall(f"{A}entry")) == 1
    json.loads(json.dumps(json_feed(feed(title, text))))


def test_text_is_carried_as_text() -> None:
    root = ElementTree.fromstring(atom(feed("<b>&", "<script>")))
    assert root.findtext(f"{A}entry/{A}title") == "<b>&"
    content = root.find(f"{A}entry/{A}content")
    assert content is not None
    assert (content.get("type"), content.text) == ("text", "<script>")


def test_what_xml_cannot_carry_is_replaced_not_fatal() -> None:
    root = ElementTree.fromstring(atom(feed("a\x00b\x0bc", "x")))
    assert root.findtext(f"{A}entry/{A}title") == "a\ufffdb\ufffdc"
