"""The part of a passage that is shown: whole lines, word for word."""

from __future__ import annotations

from collections.abc import Sequence

from .analyser import terms

LONGEST_EXTRACT = 600


def extract(text: str, question: str, *, longest: int = LONGEST_EXTRACT) -> str:
    """Consecutive lines of ``text``, verbatim, around the one that best meets the question.

    The longest run not over ``longest`` characters that starts at the best line; earlier lines
    are added while they fit. A line longer than that by itself is given whole: half a rule is
    worse than a long one.
    """
    lines = text.split("\n")
    asked = set(terms(question))
    met = [len(asked & set(terms(line))) for line in lines]
    best = max(range(len(lines)), key=lambda i: (met[i], -i))
    start = _introduction(lines, best)
    end = best + 1
    while end < len(lines) and _size(lines[start : end + 1]) <= longest:
        end += 1
    while start > 0 and _size(lines[start - 1 : end]) <= longest:
        start -= 1
    return "\n".join(lines[start:end])


def _introduction(lines: Sequence[str], item: int) -> int:
    """A list item is not shown without the sentence that opens its list, when that one is near."""
    for before in range(item, max(-1, item - 6), -1):
        if lines[before].rstrip().endswith(":"):
            return before
    return item


def _size(lines: Sequence[str]) -> int:
    return sum(len(line) + 1 for line in lines) - 1
