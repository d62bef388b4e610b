"""Inverted lists with Okapi BM25 weights computed once, at build time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int32]


NO_TERM = -1


@dataclass(frozen=True, slots=True)
class Sought:
    """A term of a question with its weight (idf), and what may stand for it, at a lower weight.

    ``term`` is NO_TERM when only the synonyms are known.
    """

    term: int
    weight: float
    synonyms: tuple[int, ...] = ()
    synonym_weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Postings:
    """For each term, the units that hold it and their saturated frequency.

    ``start[t]:start[t + 1]`` delimits the units of term ``t`` in ``unit`` and ``weight``.
    """

    start: Integers
    unit: Integers
    weight: Floats
    size: int

    def of(self, term: int) -> tuple[Integers, Floats]:
        if term == NO_TERM:
            return self.unit[:0], self.weight[:0]
        span = slice(self.start[term], self.start[term + 1])
        return self.unit[span], self.weight[span]

    def scores(self, query: Sequence[Sought]) -> Floats:
        """Sum over the sought terms of weight × saturated frequency, for every unit.

        A unit that holds a term and its synonym is paid once, for the better of the two.
        """
        total = np.zeros(self.size, np.float32)
        for sought in query:
            units, saturated = self.of(sought.term)
            if not sought.synonyms:
                total[units] += (
                    np.float32(sought.weight) * saturated
                )  # a unit occurs once in a list
                continue
            best = np.zeros(self.size, np.float32)
            for synonym in sought.synonyms:
                where, frequency = self.of(synonym)
                best[where] += np.float32(sought.synonym_weight / len(sought.synonyms)) * frequency
            best[units] = np.maximum(best[units], np.float32(sought.weight) * saturated)
            total += best
        return total

    def presence(self, query: Sequence[Sought]) -> Floats:
        """Sum of the weights of the sought terms that each unit holds, however often."""
        total = np.zeros(self.size, np.float32)
        for sought in query:
            units, _ = self.of(sought.term)
            total[units] += np.float32(sought.weight)
        return total


def bm25_postings(
    units: Sequence[Sequence[str]], vocabulary: dict[str, int], *, k1: float = 1.2, b: float
) -> Postings:
    """Postings of texts given as terms, weighted tf·(k1+1) / (tf + k1·(1 − b + b·length/mean)).

    Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009. The
    mean length is taken over the units that are not empty, so that a field missing from many
    articles does not make the others look long. The inverse document frequency is not in the
    weights: it belongs to the query.
    """
    lengths = np.array([len(unit) for unit in units], np.float32)
    filled = lengths[lengths > 0]
    mean = float(filled.mean()) if filled.size else 1.0
    norms = k1 * (1 - b + b * lengths / mean)
    terms: list[int] = []
    where: list[int] = []
    counts: list[int] = []
    for position, unit in enumerate(units):
        for term, count in Counter(unit).items():
            terms.append(vocabulary[term])
            where.append(position)
            counts.append(count)
    term_ids = np.array(terms, np.int32)
    unit_ids = np.array(where, np.int32)
    frequency = np.array(counts, np.float32)
    order = np.argsort(term_ids, kind="stable")
    start = np.zeros(len(vocabulary) + 1, np.int32)
    np.cumsum(np.bincount(term_ids, minlength=len(vocabulary)), out=start[1:])
    weight = frequency * (k1 + 1) / (frequency + norms[unit_ids]) if unit_ids.size else frequency
    return Postings(start, unit_ids[order], weight[order].astype(np.float32), len(units))


def inverse_frequency(documents: Sequence[Sequence[str]], vocabulary: dict[str, int]) -> Floats:
    """ln(1 + (N − n + ½) / (n + ½)) per term: never negative, whatever the frequency."""
    holders = np.zeros(len(vocabulary), np.float32)
    for document in documents:
        for term in set(document):
            holders[vocabulary[term]] += 1
    return np.log1p((len(documents) - holders + 0.5) / (holders + 0.5)).astype(np.float32)
