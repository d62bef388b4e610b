"""Storing imported articles: all of them in one transaction, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils import timezone

from beffroi.base.access.public import Actor
from beffroi.base.audit.public import record
from beffroi.base.authorities.models import Authority

from . import knowledge
from .adapters.content import ArticleContent
from .engine.passages import passages_of
from .models import Article, Passage

BATCH = 500
_CONTENT_FIELDS = (
    "title", "url", "theme", "language", "verified_on", "valid_from", "valid_until", "snapshot",
    "sections", "fingerprint",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stored:
    new: int
    changed: int
    same: int
    removed: int


def store_articles(
    actor: Actor, source: str, contents: Sequence[ArticleContent], *, replace: bool = False
) -> Stored:
    """Brings the stored articles of one source to ``contents``.

    Articles absent from ``contents`` stay, unless ``replace``. Passages are rewritten only for
    articles whose content changed. The index is renewed in the same transaction: questions are
    answered from the old articles until the commit, from the new ones after it.
    """
    wanted = {
        content.external_id: _article(actor.authority, source, content) for content in contents
    }
    passages = {content.external_id: passages_of(list(content.sections)) for content in contents}
    with transaction.atomic():
        articles = Article.objects.filter(authority=actor.authority, source=source)
        known = {
            article.external_id: article
            for article in articles.only("pk", "external_id", "fingerprint")
        }
        new = [article for key, article in wanted.items() if key not in known]
        changed = [
            _onto(known[key].pk, article)
            for key, article in wanted.items()
            if key in known and known[key].fingerprint != article.fingerprint
        ]
        gone = [article.pk for key, article in known.items() if replace and key not in wanted]
        Article.objects.bulk_create(new, batch_size=BATCH)
        Article.objects.bulk_update(changed, [*_CONTENT_FIELDS, "imported_at"], batch_size=BATCH)
        for start in range(0, len(gone), BATCH):
            Article.objects.filter(pk__in=gone[start : start + BATCH]).delete()
        for start in range(0, len(changed), BATCH):
            Passage.objects.filter(article__in=changed[start : start + BATCH]).delete()
        Passage.objects.bulk_create(
            (
                Passage(article=article, position=n, heading=part.heading[:300], text=part.text)
                for article in (*new, *changed)
                for n, part in enumerate(passages[article.external_id])
            ),
            batch_size=BATCH,
        )
        if new or changed or gone:
            knowledge.renew(actor.authority)
        stored = Stored(len(new), len(changed), len(wanted) - len(new) - len(changed), len(gone))
        record(actor, "articles.imported", source=source, **asdict(stored))
    return stored


def _article(authority: Authority, source: str, content: ArticleContent) -> Article:
    return Article(
        authority=authority,
        source=source,
        external_id=content.external_id,
        title=content.title,
        url=content.url,
        theme=list(content.theme),
        language=content.language,
        verified_on=content.verified_on,
        valid_from=content.valid_from,
        valid_until=content.valid_until,
        snapshot=content.snapshot,
        sections=[asdict(section) for section in content.sections],
        fingerprint=content.fingerprint,
    )


def _onto(pk: int, article: Article) -> Article:
    article.pk = pk
    article.imported_at = timezone.now()
    return article
