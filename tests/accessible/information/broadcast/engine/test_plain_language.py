from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from beffroi.accessible.information.broadcast.engine.plain_language import (
    Flaw,
    count_words,
    review,
    sentences,
)


def test_sentences_end_where_a_reader_stops() -> None:
    text = "Du 2 au 38, jusqu’à 11 h 30 env. Une équipe répare ! Eau à la mairie\nMerci… À demain"
    assert sentences(text) == [
        "Du 2 au 38, jusqu’à 11 h 30 env. Une équipe répare !",
        "Eau à la mairie",
        "Merci…",
        "À demain",
    ]


def test_words_are_counted_as_they_are_read() -> None:
    assert count_words("L’eau revient à 11 h 30, rendez-vous à l’accueil.") == 9


def test_twenty_words_pass_and_twenty_one_are_pointed_out() -> None:
    assert review(" ".join(["mot"] * 20) + ".") == []
    [remark] = review(" ".join(["mot"] * 21) + ".")
    assert (remark.flaw, remark.words) == (Flaw.LONG_SENTENCE, 21)


def test_capitals_and_acronyms_are_pointed_out_once() -> None:
    assert [r.flaw for r in review("ATTENTION COUPURE D’EAU GÉNÉRALE")] == [Flaw.CAPITALS]
    assert [r.extract for r in review("Le SIAEP répare. Le SIAEP rappelle.")] == ["SIAEP"]


@given(st.text(max_size=300))
def test_any_text_can_be_reviewed_and_no_word_is_lost(text: str) -> None:
    review(text)
    kept = "".join("".join(sentences(text)).split())
    assert kept == "".join(text.split()) or not text.isprintable()
