"""Plain-language check of a notice: what a hurried reader would stumble on.

Source: « Écrire pour être lu » habits of public services and RGAA good practice: one idea a
sentence, twenty words at most, no paragraph in capitals, no unexplained acronym.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

LONGEST_SENTENCE = 20
_ABBREVIATIONS = re.compile(
    r"\b(?:M|MM|Mme|Mlle|Dr|av|bd|pl|tél|env|min|etc|p|n|art|cf|ex|Me|St|Ste)\.", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\s\u00a0\u202f]+|\n+")
_WORD = re.compile(r"[^\W_]+(?:[’'\-·][^\W_]+)*")
_ACRONYM = re.compile(r"\b[A-ZÀ-Ý]{3,}\b")


class Flaw(Enum):
    """What makes a text hard to read (rules of plain French for public services)."""

    LONG_SENTENCE = "long sentence"
    CAPITALS = "capitals"
    ACRONYM = "acronym"


@dataclass(frozen=True)
class Remark:
    """`extract` is the text concerned; `words` its number of words (sentences only)."""

    flaw: Flaw
    extract: str
    words: int = 0


def sentences(text: str) -> list[str]:
    """The sentences of a text, in order; a line end closes one, an abbreviation's point does not."""
    kept = _ABBREVIATIONS.sub(lambda found: found.group().replace(".", "\ue000"), text)
    parts = (part.replace("\ue000", ".").strip() for part in _SENTENCE_END.split(kept))
    return [part for part in parts if part]


def count_words(sentence: str) -> int:
    """Words as a reader counts them: « l’eau » is one, « 11 h 30 » is three."""
    return len(_WORD.findall(sentence))


def review(text: str) -> list[Remark]:
    """What to reconsider, in reading order; never a reason to refuse the text."""
    remarks = []
    seen: set[str] = set()
    for sentence in sentences(text):
        words = count_words(sentence)
        if words > LONGEST_SENTENCE:
            remarks.append(Remark(Flaw.LONG_SENTENCE, sentence, words))
        letters = [c for c in sentence if c.isalpha()]
        if len(letters) > 12 and sum(c.isupper() for c in letters) > 0.7 * len(letters):
            remarks.append(Remark(Flaw.CAPITALS, sentence))
            continue
        for acronym in _ACRONYM.findall(sentence):
            if acronym not in seen:
                seen.add(acronym)
                remarks.append(Remark(Flaw.ACRONYM, acronym))
    return remarks
