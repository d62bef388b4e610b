"""Notices as feeds: Atom (RFC 4287) and JSON Feed 1.1."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from xml.etree import ElementTree

ATOM = "http://www.w3.org/2005/Atom"
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Entry:
    """One notice; all times aware. `url` is complete and never changes: it is the entry's id."""

    url: str
    title: str
    text: str
    published_at: datetime
    updated_at: datetime
    categories: Sequence[tuple[str, str]] = field(default_factory=tuple)
    extra: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Feed:
    """What stands around the entries: whose feed it is, and its addresses."""

    url: str
    page_url: str
    title: str
    author: str
    language: str
    updated_at: datetime
    entries: Sequence[Entry]


def atom(feed: Feed) -> bytes:
    """The feed as an Atom document in UTF-8; text is carried as text, never as markup."""
    ElementTree.register_namespace("", ATOM)
    root = ElementTree.Element(
        _tag("feed"), {"{http://www.w3.org/XML/1998/namespace}lang": feed.language}
    )
    _text(root, "id", feed.url)
    _text(root, "title", feed.title)
    _text(root, "updated", _time(feed.updated_at))
    _text(ElementTree.SubElement(root, _tag("author")), "name", feed.author)
    _link(root, "self", feed.url, "application/atom+xml")
    _link(root, "alternate", feed.page_url, "text/html")
    for entry in feed.entries:
        element = ElementTree.SubElement(root, _tag("entry"))
        _text(element, "id", entry.url)
        _text(element, "title", entry.title)
        _text(element, "published", _time(entry.published_at))
        _text(element, "updated", _time(entry.updated_at))
        _link(element, "alternate", entry.url, "text/html")
        for term, label in entry.categories:
            ElementTree.SubElement(
                element, _tag("category"), {"term": term, "label": _legal(label)}
            )
        _text(element, "content", entry.text).set("type", "text")
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def json_feed(feed: Feed) -> dict[str, object]:
    """The feed as a JSON Feed 1.1 object; a notice's own fields are under `_beffroi`."""
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page_url,
        "feed_url": feed.url,
        "language": feed.language,
        "authors": [{"name": feed.author}],
        "items": [
            {
                "id": entry.url,
                "url": entry.url,
                "title": entry.title,
                "content_text": entry.text,
                "date_published": _time(entry.published_at),
                "date_modified": _time(entry.updated_at),
                "tags": [label for _term, label in entry.categories],
                "_beffroi": entry.extra,
            }
            for entry in feed.entries
        ],
    }


def _tag(name: str) -> str:
    return f"{{{ATOM}}}{name}"


def _text(parent: ElementTree.Element, name: str, text: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, _tag(name))
    element.text = _legal(text)
    return element


def _link(parent: ElementTree.Element, rel: str, href: str, kind: str) -> None:
    ElementTree.SubElement(parent, _tag("link"), {"rel": rel, "href": href, "type": kind})


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _legal(text: str) -> str:
    """XML 1.0 cannot carry most control characters, even escaped."""
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
