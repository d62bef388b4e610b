"""The index against properties that any ranking must have, and a plain reference of its formula."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.accessible.information.assistant.engine.index import Document, Index
from beffroi.accessible.information.assistant.engine.postings import (
    Sought,
    bm25_postings,
    inverse_frequency,
)
from beffroi.accessible.information.assistant.engine.ranking import rank

WORDS = [
    "passeport",
    "mairie",
    "loyer",
    "bail",
    "permis",
    "vélo",
    "cantine",
    "impôt",
    "eau",
    "bruit",
]
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)
collections = st.lists(st.tuples(texts, texts), min_size=2, max_size=8)


def documents(contents: list[tuple[str, str]]) -> list[Document]:
    return [Document(key, title, "", [("", body)]) for key, (title, body) in enumerate(contents)]


def best(index: Index, question: str) -> list[int]:
    return [index.keys[position] for position in rank(index, question).positions]


def test_the_article_that_speaks_of_the_question_comes_first() -> None:
    index = Index.build(
        documents(
            [("Passeport", "pièces à fournir en mairie"), ("Bail", "loyer et préavis du locataire")]
        )
    )
    assert best(index, "Quel préavis pour mon loyer ?")[0] == 1
    assert best(index, "passeport")[0] == 0


def test_a_misspelt_word_still_finds_its_article() -> None:
    body = "le passeport " * 4
    index = Index.build(documents([("Passeport", body), ("Bail", "loyer")]))
    assert best(index, "mon paseport")[0] == 0
    assert index.query("mon paseport").corrections == (("paseport", "passeport"),)


def test_a_known_word_is_never_corrected() -> None:
    index = Index.build(documents([("Loyer", "loyer " * 5), ("Noyer", "noyer " * 5)]))
    assert index.query("noyer").corrections == ()


def test_everyday_words_meet_the_official_ones() -> None:
    index = Index.build(
        documents(
            [
                ("Certificat d'immatriculation", "le certificat d'immatriculation du véhicule"),
                ("Pêche", "la rivière"),
            ]
        )
    )
    assert best(index, "carte grise")[0] == 0


def test_an_acronym_is_read_in_the_articles() -> None:
    index = Index.build(
        documents([("Allocation aux adultes handicapés (AAH)", "Conditions."), ("Bail", "loyer")])
    )
    assert index.lexicon["aah"] == ("alloc", "adult", "handicap")


def test_an_article_without_a_title_can_win_on_its_opening() -> None:
    index = Index.build(
        [
            Document(0, "", "", [("", "La cantine est ouverte le lundi.")]),
            Document(1, "Bail", "", [("", "loyer")]),
        ]
    )
    assert best(index, "la cantine le lundi")[0] == 0


def test_unknown_words_find_nothing() -> None:
    index = Index.build(documents([("Passeport", "mairie"), ("Bail", "loyer")]))
    assert rank(index, "xylophone quantique").positions == ()
    assert rank(index, "").positions == ()


def test_an_empty_collection_answers_nothing() -> None:
    assert rank(Index.build([]), "passeport").positions == ()


def test_hidden_documents_never_appear() -> None:
    index = Index.build(documents([("Passeport", "mairie"), ("Passeport", "mairie")]))
    assert best(index, "passeport") == [0, 1]
    assert [index.keys[p] for p in rank(index, "passeport", {0}).positions] == [1]


@given(collections, texts)
def test_the_order_of_the_documents_does_not_matter(
    contents: list[tuple[str, str]], question: str
) -> None:
    def scores(order: list[int]) -> dict[int, float]:
        index = Index.build([documents(contents)[i] for i in order])
        ranking = rank(index, question)
        return {
            index.keys[p]: round(score, 3)
            for p, score in zip(ranking.positions, ranking.scores, strict=True)
        }

    there = list(range(len(contents)))
    assert scores(there) == pytest.approx(scores(there[::-1]), abs=2e-3)


@given(collections, texts)
def test_a_document_that_shares_no_word_never_overtakes(
    contents: list[tuple[str, str]], question: str
) -> None:
    before = best(Index.build(documents(contents)), question)
    stranger = Document(99, "Xylophone", "", [("", "zzyzx quokka")])
    after = best(Index.build([*documents(contents), stranger]), question)
    assert 99 not in after[: len(before)]


@given(collections, texts)
def test_adding_the_question_to_a_text_never_lowers_its_share_of_it(
    contents: list[tuple[str, str]], question: str
) -> None:
    index = Index.build(documents(contents))
    title, body = contents[0]
    richer = Index.build(documents([(title, f"{body} {question}"), *contents[1:]]))
    before = index.coverage(index.query(question), "body")[0]
    after = richer.coverage(richer.query(question), "body")[0]
    assert after >= before - 1e-6
    assert after == pytest.approx(1.0, abs=1e-5)


@given(
    st.lists(st.lists(st.sampled_from("abcdef"), max_size=9), min_size=1, max_size=6),
    st.sampled_from("abcdef"),
)
def test_postings_follow_the_published_formula(units: list[list[str]], term: str) -> None:
    k1, b = 1.2, 0.75
    vocabulary = {word: i for i, word in enumerate("abcdef")}
    postings = bm25_postings(units, vocabulary, k1=k1, b=b)
    idf = inverse_frequency(units, vocabulary)
    lengths = [len(unit) for unit in units if unit]
    mean = sum(lengths) / len(lengths) if lengths else 1
    holders = sum(term in unit for unit in units)
    expected_idf = math.log(1 + (len(units) - holders + 0.5) / (holders + 0.5))
    assert idf[vocabulary[term]] == pytest.approx(expected_idf, rel=1e-5)
    expected = []
    for unit in units:
        tf = Counter(unit)[term]
        expected.append(tf * (k1 + 1) / (tf + k1 * (1 - b + b * len(unit) / mean)) if tf else 0.0)
    found = postings.scores([Sought(vocabulary[term], 1.0)])
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_a_word_and_its_synonym_are_paid_once() -> None:
    postings = bm25_postings([["a"], ["b"], ["a", "b"]], {"a": 0, "b": 1}, b=0.0)
    plain = postings.scores([Sought(0, 1.0)])
    with_synonym = postings.scores([Sought(0, 1.0, (1,), 0.5)])
    assert with_synonym[0] == plain[0]
    assert with_synonym[1] == pytest.approx(0.5 * plain[0])
    assert with_synonym[2] == pytest.approx(plain[2])
