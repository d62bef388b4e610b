"""From a message to a reply: rules first, live notices, then the articles."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from beffroi.accessible.information.broadcast.public import Notice, current_notices
from beffroi.base.authorities.models import Authority, Street
from beffroi.base.authorities.public import find_streets, searchable

from . import knowledge, replies
from .engine.analyser import words
from .engine.concern import asks_about_outage, concern, domains_of
from .engine.decision import Decision
from .engine.extract import extract
from .engine.routes import Kind, Route, route
from .models import Article, Passage
from .replies import Choice, Citation, Reply, ReplyKind

LONGEST_QUESTION = 1000
MOST_CHOICES = 3
MOST_NOTICES = 2
_JOINING = frozenset({"de", "du", "des", "la", "le", "les", "l", "d"})
_THANKS = frozenset({"merci", "thanks", "thank"})
INTERFACE_LANGUAGES = frozenset({"fr", "en"})


def reply_to(authority: Authority, text: str) -> Reply:
    """The assistant's reply to one message, stored nowhere.

    Speaks the language that is active; extracts stay in the language of their source.
    """
    text = text.replace("\0", "")[:LONGEST_QUESTION]
    found = route(text)
    if found.kind is Kind.QUESTION:
        return _question_reply(authority, text)
    return _rule_reply(authority, text, found)


def reply_about(authority: Authority, article_id: int, question: str) -> Reply:
    """The extract of one article, chosen by the person among those proposed."""
    article = Article.objects.filter(authority=authority, pk=article_id).first()
    if article is None or not article.is_valid(today_of(authority)):
        return replies.unknown()
    known = knowledge.known(authority)
    found = known.search(question, today_of(authority))
    position = dict(zip(found.articles, found.passages, strict=True)).get(article.pk, 0)
    return Reply(
        ReplyKind.ANSWER,
        citations=(_citation_of(article.pk, position, question),),
        knowledge_version=known.version,
    )


def _rule_reply(authority: Authority, text: str, found: Route) -> Reply:
    if found.kind is Kind.EMERGENCY and found.emergency:
        return replies.emergency(found.emergency)
    if found.kind is Kind.LANGUAGE:
        return replies.other_language(found.language)
    if found.kind is Kind.IDENTITY:
        return replies.identity(authority)
    if found.kind is Kind.SMALL_TALK and set(words(text)) & _THANKS:
        return replies.thanks()
    say = {
        Kind.HUMAN: replies.human,
        Kind.PERSONAL_DATA: replies.personal_data,
        Kind.SMALL_TALK: replies.small_talk,
        Kind.INJECTION: replies.injection,
    }
    return say.get(found.kind, replies.noise)()


def _question_reply(authority: Authority, text: str) -> Reply:
    streets = _streets_named(authority, text)
    outage = bool(domains_of(text)) and asks_about_outage(text)
    if streets or outage:
        notices = _notices_met(authority, text, streets)
        if notices:
            citations = tuple(_notice_citation(notice) for notice in notices)
            return Reply(ReplyKind.NOTICE, citations=citations)
    reply = _article_reply(authority, text)
    if streets and outage and reply.kind is not ReplyKind.ANSWER:
        return replies.no_notice(streets[0].name)
    return reply


def _streets_named(authority: Authority, text: str) -> list[Street]:
    """Only streets whose whole name is in the message: « rue » alone names none."""
    said = set(searchable(text).split())
    found = find_streets(authority, text)
    return [street for street in found if set(searchable(street.name).split()) - _JOINING <= said]


def _notices_met(authority: Authority, text: str, streets: Sequence[Street]) -> list[Notice]:
    scored = [(_concern(notice, text, streets), notice) for notice in current_notices(authority)]
    met = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: -pair[0])
    return [notice for _score, notice in met[:MOST_NOTICES]]


def _concern(notice: Notice, text: str, streets: Sequence[Street]) -> float:
    covered = {street.pk for street in notice.streets.all()}
    same_street = bool(covered & {street.pk for street in streets}) or bool(streets and not covered)
    if covered and streets and not same_street:
        return 0.0
    place = " ".join(street.name for street in streets)
    content = f"{notice.title}\n{notice.body}"
    return concern(text, content, notice.domain, same_street=same_street, place=place)


def _article_reply(authority: Authority, text: str) -> Reply:
    known = knowledge.known(authority)
    found = known.search(text, today_of(authority))
    if found.decision is Decision.ANSWER:
        citation = _citation_of(found.articles[0], found.passages[0], text)
        reply = Reply(ReplyKind.ANSWER, citations=(citation,))
    elif found.decision is Decision.ASK_BACK:
        text_shown = _("Plusieurs textes peuvent répondre. Lequel vous concerne ?")
        choices = _choices(found.articles[:MOST_CHOICES])
        reply = Reply(ReplyKind.ASK_BACK, text_shown, choices=choices)
    else:
        reply = replies.unknown()
    return replace(
        reply,
        probability=found.probability,
        ranked=found.articles,
        knowledge_version=known.version,
    )


def _citation_of(article_id: int, position: int, question: str) -> Citation:
    passage = Passage.objects.select_related("article").get(
        article_id=article_id, position=position
    )
    return _article_citation(passage.article, passage, question)


def _article_citation(article: Article, passage: Passage, question: str) -> Citation:
    return Citation(
        kind="article",
        id=article.pk,
        title=shown_title(article, passage),
        extract=extract(passage.text, question),
        heading=passage.heading,
        url=article.url,
        source=article.source,
        language=article.language,
        verified_on=article.verified_on.isoformat() if article.verified_on else "",
        snapshot=article.snapshot,
    )


def _notice_citation(notice: Notice) -> Citation:
    published = notice.published_at
    return Citation(
        kind="notice",
        id=notice.pk,
        title=notice.title,
        extract=notice.body,
        source="notice",
        verified_on=published.isoformat() if published else "",
        notice_ref=notice.ref,
    )


def _choices(article_ids: Sequence[int]) -> tuple[Choice, ...]:
    articles = Article.objects.in_bulk(article_ids)
    first = {
        passage.article_id: passage
        for passage in Passage.objects.filter(article_id__in=article_ids, position=0)
    }
    return tuple(
        Choice(pk, shown_title(articles[pk], first.get(pk))) for pk in article_ids if pk in articles
    )


def shown_title(article: Article, passage: Passage | None = None) -> str:
    """The title, or the opening words of an article that has none."""
    if article.title:
        return article.title
    opening = passage.text.split("\n")[0] if passage else ""
    return f"{opening[:90]}…" if len(opening) > 90 else opening or article.external_id


def today_of(authority: Authority) -> dt.date:
    return timezone.now().astimezone(authority.zone).date()


def interface_language(code: str) -> str:
    return code if code in INTERFACE_LANGUAGES else "fr"


def reply_in(authority: Authority, text: str, language: str) -> Reply:
    """As ``reply_to``, in a given language of the interface."""
    with override(interface_language(language)):
        return reply_to(authority, text)
