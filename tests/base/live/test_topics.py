from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.base.live.topics import BadTopic, Selectors, check_topic, compile_selector


@pytest.mark.parametrize(
    ("selector", "topic", "matches"),
    [
        ("/notices/vernay", "/notices/vernay", True),
        ("/notices/vernay", "/notices/vernay/", False),
        ("*", "/anything", True),
        ("/screens/{ref}", "/screens/k7m2", True),
        ("/screens/{ref}", "/screens/", False),
        ("/screens/{ref}", "/screens/a/b", False),
        ("/screens/{ref}", "/screens/{ref}", True),
        ("/{a}/x-{b}.json", "/one/x-two.json", True),
        ("/{a}/x-{b}.json", "/one/x-.json", False),
        ("https://ville.example/{kind}/3", "https://ville.example/notices/3", True),
        ("/not*", "/notices", False),
    ],
)
def test_matching(selector: str, topic: str, matches: bool) -> None:
    assert Selectors([selector]).match(topic) is matches


@pytest.mark.parametrize(
    "selector", ["", "a" * 1025, "/a\n", "/{a", "/a}", "/{a}{b}", "/{+a}", "/{}"]
)
def test_selectors_that_are_refused(selector: str) -> None:
    with pytest.raises(BadTopic):
        compile_selector(selector)


def test_an_empty_list_matches_nothing() -> None:
    assert not Selectors([]).match_any(["/a", "/b"])
    assert Selectors(["/b"]).match_any(["/a", "/b"])


WORDS = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8)


@given(st.lists(WORDS, min_size=1, max_size=5), st.data())
def test_a_template_matches_what_it_was_made_from(words: list[str], data: st.DataObject) -> None:
    variable = data.draw(st.integers(0, len(words) - 1))
    topic = "/".join(words)
    selector = "/".join("{x}" if index == variable else word for index, word in enumerate(words))
    assert check_topic(topic) == topic
    assert Selectors([selector]).match(topic)
    assert not Selectors([selector]).match(topic + "/more")
