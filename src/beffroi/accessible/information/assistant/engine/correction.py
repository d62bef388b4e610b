"""Correction of misspelt words against the words of the articles.

Only words that no article knows are corrected: correcting known words loses more questions
than it saves. Deletion neighbourhoods (Garbe, "SymSpell", 2012): two words within one edit
share a word obtained by deleting at most one letter of each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

SHORTEST = 4
RAREST = 3
"""A word seen less often in the articles is itself likely to be a slip: nothing is corrected to it."""


@dataclass(frozen=True, slots=True)
class Speller:
    """The terms worth correcting to, and those reached from them by deleting one letter."""

    frequency: Mapping[str, int]
    neighbours: Mapping[str, tuple[str, ...]]

    @classmethod
    def build(cls, frequency: Mapping[str, int]) -> Speller:
        """From how often each term occurs in the articles."""
        found: dict[str, list[str]] = defaultdict(list)
        kept = {
            t: n for t, n in frequency.items() if n >= RAREST and len(t) >= SHORTEST and t.isalpha()
        }
        for term in kept:
            for shorter in _deletions(term):
                found[shorter].append(term)
        return cls(kept, {key: tuple(values) for key, values in found.items()})

    def correct(self, term: str) -> str | None:
        """The most frequent known term one edit or one swap of neighbours away; None without one."""
        if len(term) < SHORTEST or not term.isalpha():
            return None
        candidates = {c for shorter in _deletions(term) for c in self.neighbours.get(shorter, ())}
        close = [c for c in candidates if c[0] == term[0] and _one_slip(term, c)]
        return max(close, key=lambda c: (self.frequency[c], c), default=None)


def _deletions(term: str) -> set[str]:
    return {term, *(term[:i] + term[i + 1 :] for i in range(len(term)))}


def _one_slip(a: str, b: str) -> bool:
    """One letter added, left out or replaced, or two neighbours swapped."""
    if abs(len(a) - len(b)) > 1:
        return False
    i = 0
    while i < min(len(a), len(b)) and a[i] == b[i]:
        i += 1
    if len(a) == len(b):
        swapped = a[i : i + 2] == b[i : i + 2][::-1] and a[i + 2 :] == b[i + 2 :]
        return a[i + 1 :] == b[i + 1 :] or swapped
    return a[i:] == b[i + 1 :] if len(a) < len(b) else a[i + 1 :] == b[i:]
