"""From the text of an article to the passages that are searched and shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest

LONGEST_PASSAGE = 900
"""Characters: long enough for a rule and its list, short enough to be read at a glance."""
LONGEST_HEADING = 90
_SENTENCE_END = (".", ";", ",", ":", "!", "?", "…", ")")
_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?…])\s+(?=[A-ZÀ-ÖØ-Þ«])")


@dataclass(frozen=True, slots=True)
class Section:
    """One heading and the lines under it, as the source has them."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive lines of one section: ``text`` is verbatim, joined by line feeds."""

    heading: str
    text: str


def sections_of(text: str) -> list[Section]:
    """Sections of a plain text with one paragraph, heading or list item per line.

    The format has no mark for headings: a short line without final punctuation, followed by a
    line that is none, is read as one. A wrong guess moves a heading, it never loses a word.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    sections: list[Section] = []
    heading = ""
    body: list[str] = []
    for line, following in zip_longest(lines, lines[1:], fillvalue=""):
        if _reads_as_heading(line) and following and not _reads_as_heading(following):
            if body or heading:
                sections.append(Section(heading, tuple(body)))
            heading, body = line, []
        else:
            body.append(line)
    if body or heading:
        sections.append(Section(heading, tuple(body)))
    return sections


def _reads_as_heading(line: str) -> bool:
    return len(line) <= LONGEST_HEADING and line[0].isupper() and not line.endswith(_SENTENCE_END)


def passages_of(sections: list[Section]) -> list[Passage]:
    """The passages of an article, in order; every line is in exactly one of them.

    A line is never cut unless it is longer than a passage by itself; then at sentence ends.
    """
    found: list[Passage] = []
    for section in sections:
        current: list[str] = []
        size = 0
        for line in (piece for long in section.lines for piece in _pieces(long)):
            if current and size + len(line) > LONGEST_PASSAGE:
                found.append(Passage(section.heading, "\n".join(current)))
                current, size = [], 0
            current.append(line)
            size += len(line) + 1
        if current:
            found.append(Passage(section.heading, "\n".join(current)))
    return found


def _pieces(line: str) -> list[str]:
    if len(line) <= LONGEST_PASSAGE:
        return [line]
    pieces: list[str] = []
    current = ""
    for sentence in _BETWEEN_SENTENCES.split(line):
        if current and len(current) + len(sentence) > LONGEST_PASSAGE:
            pieces.append(current)
            current = sentence
        else:
            current = f"{current} {sentence}" if current else sentence
    return [*pieces, current]
