"""What the assistant replies: verbatim, cited, dated, or a plain « je ne sais pas »."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from beffroi.accessible.information.assistant import knowledge, presenting
from beffroi.accessible.information.assistant.engine.extract import extract
from beffroi.accessible.information.assistant.models import Article
from beffroi.accessible.information.assistant.public import ReplyKind, answer
from beffroi.accessible.information.broadcast.models import Notice, State
from beffroi.base.imports.models import ImportRun

QUESTION = "Quelles pièces fournir pour le renouvellement du passeport d'un majeur ?"


def test_an_answer_is_a_verbatim_extract_with_its_source(
    knows: Callable[..., ImportRun], town: object
) -> None:
    knows()
    reply = answer(town.commune, QUESTION)
    assert reply.kind is ReplyKind.ANSWER
    citation = reply.citations[0]
    article = Article.objects.get(external_id="F1")
    whole = "\n".join(line for section in article.sections for line in section["lines"])
    assert citation.extract in whole
    assert "86 €" in citation.extract
    assert citation.url == article.url
    shown = presenting.shown(reply.citations_as_json()[0])
    assert shown.source == "service-public.fr / DILA"
    assert shown.warning == "texte de mai 2021, à vérifier"


def test_what_no_text_says_is_not_answered(knows: Callable[..., ImportRun], town: object) -> None:
    knows()
    for question in ("Quelle est la capitale de l’Australie ?", "raconte-moi une blague"):
        reply = answer(town.commune, question)
        assert reply.kind is ReplyKind.UNKNOWN
        assert "Je ne sais pas" in reply.text
        assert not reply.citations


def test_without_articles_nothing_is_invented(town: object) -> None:
    assert answer(town.commune, QUESTION).kind is ReplyKind.UNKNOWN


def test_articles_of_another_authority_are_never_cited(
    knows: Callable[..., ImportRun], town: object
) -> None:
    knows(authority=town.other)
    assert answer(town.commune, QUESTION).kind is ReplyKind.UNKNOWN
    assert answer(town.other, QUESTION).kind is ReplyKind.ANSWER


def test_an_expired_article_is_never_answered(
    knows: Callable[..., ImportRun], town: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    knows()
    Article.objects.filter(external_id="F1").update(valid_until=dt.date(2026, 10, 25))
    knowledge.renew(town.commune)
    # The day of the authority's calendar decides: 23:30 in Paris is still the last valid day.
    last_moment = dt.datetime(2026, 10, 25, 22, 30, tzinfo=dt.UTC)
    monkeypatch.setattr(timezone, "now", lambda: last_moment)
    assert answer(town.commune, QUESTION).kind is ReplyKind.ANSWER
    monkeypatch.setattr(timezone, "now", lambda: last_moment + dt.timedelta(hours=1))
    assert answer(town.commune, QUESTION).kind is not ReplyKind.ANSWER


def test_an_article_is_not_answered_before_its_day(
    knows: Callable[..., ImportRun], town: object
) -> None:
    knows()
    tomorrow = timezone.localdate() + dt.timedelta(days=2)
    Article.objects.filter(external_id="F1").update(valid_from=tomorrow)
    knowledge.renew(town.commune)
    assert answer(town.commune, QUESTION).kind is not ReplyKind.ANSWER


def test_a_new_import_is_answered_at_once(knows: Callable[..., ImportRun], town: object) -> None:
    knows()
    assert "86 €" in answer(town.commune, QUESTION).citations[0].extract
    row = {
        "id": "F1",
        "title": "Renouvellement du passeport d'un majeur",
        "text": "Pièces à fournir\nVous devez fournir un timbre fiscal de 96 € pour le passeport.",
    }
    knows(row)
    assert "96 €" in answer(town.commune, QUESTION).citations[0].extract


def test_verified_long_ago_is_said(town: object) -> None:
    citation = {
        "kind": "article", "title": "T", "heading": "", "extract": "x", "url": "", "source": "authority",
        "language": "fr", "snapshot": "", "notice_ref": "", "verified_on": "2020-01-02",
    }  # fmt: skip
    assert presenting.shown(citation).warning == "texte de janvier 2020, à vérifier"
    fresh = {**citation, "verified_on": timezone.localdate().isoformat()}
    assert presenting.shown(fresh).warning == ""


def leak_notice(town: object, **changes: object) -> Notice:
    facts = {
        "authority": town.commune,
        "domain": "water",
        "title": "Coupure d’eau rue des Tanneurs",
        "body": "Une fuite est en réparation. L’eau revient vers 11 h 30.",
        "severity": 2,
        "state": State.PUBLISHED,
        "published_at": timezone.now(),
        "published_by": town.accounts["head"].person.key,
        **changes,
    }
    notice = Notice.objects.create(**facts)
    notice.streets.add(town.streets["rue-des-tanneurs"])
    return notice


@pytest.mark.parametrize(
    "question",
    [
        "pourquoi n'ai-je plus d'eau rue des Tanneurs ?",
        "Y a-t-il une coupure d’eau rue des tanneurs",
        "RUE DES TANNEURS PAS D'EAU",
        "L'eau est coupée, ça revient quand ?",
    ],
)
def test_the_live_notice_answers_and_is_linked(town: object, question: str) -> None:
    notice = leak_notice(town)
    reply = answer(town.commune, question)
    assert reply.kind is ReplyKind.NOTICE
    assert reply.citations[0].extract == notice.body
    shown = presenting.shown(reply.citations_as_json()[0])
    assert shown.url.endswith(f"/annonces/{notice.ref}/")


def test_a_notice_of_another_street_or_ended_does_not_answer(town: object) -> None:
    notice = leak_notice(town)
    question = "pourquoi n'ai-je plus d'eau quai Foch ?"
    reply = answer(town.commune, question)
    assert reply.kind is ReplyKind.UNKNOWN
    assert "quai Foch" in reply.text
    notice.state = State.ENDED
    notice.save()
    assert answer(town.commune, "plus d'eau rue des Tanneurs").kind is ReplyKind.UNKNOWN


def test_a_question_about_papers_does_not_get_the_notice(
    town: object, knows: Callable[..., ImportRun]
) -> None:
    knows()
    leak_notice(town)
    assert answer(town.commune, QUESTION).kind is ReplyKind.ANSWER
    assert answer(town.commune, "Quand payer ma facture d'eau ?").kind is not ReplyKind.NOTICE


def test_other_languages_are_never_answered_silently_in_french(
    town: object, knows: Callable[..., ImportRun]
) -> None:
    knows()
    english = answer(town.commune, "How do I renew my passport?")
    assert english.kind is ReplyKind.LANGUAGE
    assert "agent" in english.text
    arabic = answer(town.commune, "كيف أجدد جواز سفري؟")
    assert arabic.language == "ar"
    assert presenting.reply_as_said(arabic).is_right_to_left


def test_the_interface_may_be_english(town: object) -> None:
    assert "I do not know" in answer(town.commune, "Quelle est la capitale ?", "en").text


@given(st.text(max_size=300))
def test_an_extract_is_always_verbatim(question: str) -> None:
    text = "\n".join(f"Ligne {n} : " + "mot " * n for n in range(40))
    found = extract(text, question)
    assert found
    assert found in text
    assert len(found) <= 600


def test_a_list_item_comes_with_the_sentence_that_opens_its_list() -> None:
    text = "Généralités.\nVous devez fournir :\nun timbre,\nune photo."
    assert extract(text, "timbre", longest=45).startswith("Vous devez fournir :")
