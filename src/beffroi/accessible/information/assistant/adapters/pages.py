"""The authority's own pages: Markdown or HTML, with a few lines of front matter."""

from __future__ import annotations

import datetime as dt
import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import nh3
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt

from ..engine.passages import Section
from .content import LONGEST_TITLE, ArticleContent, Refused

MARKDOWN_SUFFIXES = frozenset({".md", ".markdown"})
HTML_SUFFIXES = frozenset({".html", ".htm"})
KNOWN_KEYS = frozenset(
    {"title", "url", "verified_on", "valid_from", "valid_until", "language", "theme", "id"}
)
_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | {"p", "li", "tr", "dt", "dd", "blockquote", "pre", "caption", "div"}
_KEPT_TAGS = _BLOCKS | {"ul", "ol", "table", "thead", "tbody", "td", "th", "br", "dl", "title"}
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


def read_page(name: str, text: str, *, html: bool) -> ArticleContent:
    """One page. ``name`` identifies it when its front matter has no id. Raises Refused."""
    facts, body = front_matter(text)
    markup = body if html else _markdown.render(body)
    page_title, sections = sections_of_html(markup)
    title = (facts.get("title") or page_title).strip()
    if not title:
        raise Refused(_("la page n’a pas de titre"))
    if not any(section.lines for section in sections):
        raise Refused(_("la page n’a pas de texte"))
    since, until = _date(facts, "valid_from"), _date(facts, "valid_until")
    if since and until and until < since:
        raise Refused(_("la page finit d’être valable avant de commencer"))
    return ArticleContent(
        external_id=(facts.get("id") or name)[:200],
        title=title[:LONGEST_TITLE],
        url=_address(facts.get("url", "")),
        theme=tuple(step.strip() for step in facts.get("theme", "").split(">") if step.strip()),
        sections=tuple(sections),
        language=(facts.get("language") or "fr").lower()[:3],
        verified_on=_date(facts, "verified_on"),
        valid_from=since,
        valid_until=until,
    )


def front_matter(text: str) -> tuple[dict[str, str], str]:
    """`key: value` lines between two `---`, and the rest. Raises Refused for other lines."""
    found = _FRONT_MATTER.match(text)
    if not found:
        return {}, text
    facts: dict[str, str] = {}
    for line in found.group(1).splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, colon, value = line.partition(":")
        key = key.strip().lower()
        if not colon or key not in KNOWN_KEYS:
            raise Refused(_("l’en-tête contient une ligne inconnue : « %s »") % line.strip()[:100])
        facts[key] = value.strip().strip("\"'")
    return facts, text[found.end() :]


def sections_of_html(markup: str) -> tuple[str, list[Section]]:
    """The page's title and its sections; scripts, styles and unknown tags are gone."""
    reader = _Reader()
    reader.feed(nh3.clean(markup, tags=set(_KEPT_TAGS), attributes={}))
    reader.close()
    reader.end_block()
    return reader.title, reader.sections


class _Reader(HTMLParser):
    """Collects one line per block; a heading begins a section."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self._sections: list[tuple[str, list[str]]] = [("", [])]
        self._text: list[str] = []
        self._block = ""

    @property
    def sections(self) -> list[Section]:
        return [Section(heading[:300], tuple(lines)) for heading, lines in self._sections if lines]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS or tag == "title":
            self.end_block()
            self._block = tag
        elif tag == "br":
            self.end_block()
        elif tag in ("td", "th") and "".join(self._text).strip():
            self._text.append(" · ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS or tag == "title":
            self.end_block()

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def end_block(self) -> None:
        line = " ".join("".join(self._text).split())
        block, self._text, self._block = self._block, [], ""
        if not line:
            return
        if block in ("h1", "title"):
            self.title = line
        elif block in _HEADINGS:
            self._sections.append((line, []))
        else:
            self._sections[-1][1].append(line)


def _date(facts: dict[str, str], key: str) -> dt.date | None:
    value = facts.get(key, "")
    if not value:
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError as wrong:
        raise Refused(
            _("« %(key)s » n’est pas une date comme 2026-11-24 : « %(value)s »")
            % {"key": key, "value": value[:40]}
        ) from wrong


def _address(url: str) -> str:
    if url and urlsplit(url).scheme not in ("http", "https"):
        raise Refused(_("l’adresse « %s » n’est pas une adresse web") % url[:100])
    return url[:500]
