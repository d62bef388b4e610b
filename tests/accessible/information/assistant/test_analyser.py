from hypothesis import given
from hypothesis import strategies as st

from beffroi.accessible.information.assistant.engine.analyser import fold, stem, terms, words


def test_accents_capitals_ligatures_and_elisions_do_not_matter() -> None:
    assert terms("L’ŒUVRE d’Éva") == terms("oeuvre eva")
    assert terms("qu'est-ce que l'état civil ?") == terms("ETAT CIVIL")


def test_inflections_meet() -> None:
    assert stem("renouvellements") == stem("renouvellement")
    assert terms("les passeports") == terms("un passeport")


def test_acronyms_with_dots_are_words() -> None:
    assert "rsa" in terms("le R.S.A.")


def test_stop_words_and_lone_letters_are_left_out_but_figures_stay() -> None:
    assert terms("est-ce que je dois en avoir ?") == []
    assert "18" in terms("à 18 ans")


def test_words_keep_what_terms_leave_out() -> None:
    assert words("Ça va ?") == ["ca", "va"]


@given(st.text(max_size=200))
def test_any_text_is_read_without_failing(text: str) -> None:
    for term in terms(text):
        assert term


@given(st.text(max_size=100))
def test_folding_is_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.lists(st.sampled_from(["passeport", "mairie", "déchets", "l’eau", "loyer"]), max_size=8))
def test_capitals_never_change_the_terms(said: list[str]) -> None:
    sentence = " ".join(said)
    assert terms(sentence.upper()) == terms(sentence)
