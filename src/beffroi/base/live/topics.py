"""Topic selectors of the Mercure protocol: exact, `*`, and templates such as `/screens/{ref}`.

A variable stands for at least one character without `/`; a path segment holds at most one
variable, so that matching is linear whatever a client sends.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MAX_TOPIC = 1024
EVERYTHING = "*"


class BadTopic(ValueError):
    """A topic or selector that is refused, with the reason in words."""


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled template: for each path segment its text before and after the variable."""

    segments: tuple[tuple[str, str | None], ...]

    def matches(self, topic: str) -> bool:
        parts = topic.split("/")
        if len(parts) != len(self.segments):
            return False
        for part, (before, after) in zip(parts, self.segments, strict=True):
            if after is None:
                if part != before:
                    return False
            elif not (
                len(part) > len(before) + len(after)
                and part.startswith(before)
                and part.endswith(after)
            ):
                return False
        return True


def check_topic(topic: str) -> str:
    """The topic itself when it is one, else BadTopic."""
    if not topic or len(topic) > MAX_TOPIC:
        raise BadTopic("a topic has 1 to 1024 characters")
    if not topic.isprintable():
        raise BadTopic("a topic holds no control character")
    return topic


def compile_selector(selector: str) -> Template | None:
    """The template of a selector, or None when it stands for itself (or is `*`)."""
    check_topic(selector)
    if "{" not in selector and "}" not in selector:
        return None
    return Template(tuple(_segment(part) for part in selector.split("/")))


def _segment(part: str) -> tuple[str, str | None]:
    if "{" not in part and "}" not in part:
        return part, None
    before, opening, rest = part.partition("{")
    name, closing, after = rest.partition("}")
    if not (opening and closing and name.replace("_", "a").isalnum()) or set(before + after) & set(
        "{}"
    ):
        raise BadTopic("a selector holds at most one simple variable {name} per path segment")
    return before, after


class Selectors:
    """A set of selectors, asked whether it matches a topic."""

    __slots__ = ("everything", "exact", "templates")

    def __init__(self, selectors: Iterable[str]) -> None:
        self.exact: set[str] = set()
        self.templates: dict[str, Template] = {}
        self.everything = False
        for selector in selectors:
            template = compile_selector(selector)
            if template is not None:
                self.templates[selector] = template
            elif selector == EVERYTHING:
                self.everything = True
            # A template also matches itself as plain text, as the protocol says.
            self.exact.add(selector)

    def match(self, topic: str) -> bool:
        return (
            self.everything
            or topic in self.exact
            or any(template.matches(topic) for template in self.templates.values())
        )

    def match_any(self, topics: Iterable[str]) -> bool:
        return any(self.match(topic) for topic in topics)
