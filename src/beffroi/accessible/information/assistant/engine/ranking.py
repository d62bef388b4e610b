"""From the evidence on every document to an order, and to what the order is worth."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .index import Evidence, Index, Query
from .postings import Floats

WEIGHTS = {
    "title": 1.0,
    "body": 1.0,
    "passage": 0.4,
    "theme": 0.3,
    "letters": 3.0,
    "met_title": 4.0,
}
"""Chosen on the middle of the plateau of a grid over the development sets, see docs/assistant.md."""
LEAD_FOR_TITLE = 0.6
"""An article without a title is judged on its opening instead, at this part of a title's worth."""
KEPT = 10
FEATURES = (
    "score",
    "margin_to_second",
    "margin_to_third",
    "share_in_title",
    "share_in_body",
    "title_met",
    "letters",
    "passage",
    "information",
    "words",
)


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best documents, best first, with the features by which the decision is taken."""

    positions: tuple[int, ...]
    scores: tuple[float, ...]
    best_passages: tuple[int, ...]
    features: npt.NDArray[np.float64]


def rank(index: Index, text: str, hidden: Collection[int] = ()) -> Ranking:
    """The at most ten best documents for a question; those at ``hidden`` positions never appear.

    A document without any evidence is not ranked: for a question of unknown words, none is.
    """
    query = index.query(text)
    if not index.keys or not (query.sought or query.text.strip()):
        return Ranking((), (), (), np.zeros(len(FEATURES)))
    evidence = index.evidence(query)
    score = total_score(index, query, evidence)
    if hidden:
        score[list(hidden)] = 0
    kept = min(KEPT, score.size)
    top = np.argpartition(-score, kept - 1)[:kept]
    top = top[np.lexsort((top, -score[top]))]
    top = top[score[top] > 0]
    return Ranking(
        positions=tuple(int(p) for p in top),
        scores=tuple(float(score[p]) for p in top),
        best_passages=tuple(int(evidence.best_passage[p]) for p in top),
        features=_features(index, query, evidence, score, top),
    )


def total_score(index: Index, query: Query, evidence: Evidence) -> Floats:
    """The weighted sum of the evidence, for every document."""
    in_title = index.coverage(query, "title")
    total = (
        WEIGHTS["title"] * evidence.title
        + WEIGHTS["body"] * evidence.body
        + WEIGHTS["passage"] * evidence.passage
        + WEIGHTS["theme"] * evidence.theme
        + WEIGHTS["letters"] * evidence.letters
        + WEIGHTS["met_title"] * index.title_coverage(query) * in_title
        + np.where(index.titled, 0, LEAD_FOR_TITLE * evidence.lead)
    )
    return np.asarray(total, np.float32)


def _features(
    index: Index, query: Query, evidence: Evidence, score: Floats, top: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """The ten numbers of FEATURES, all zero when nothing was found.

    Scores are divided by the information of the question (sum of its idf), so that long and
    short questions, small and large collections compare.
    """
    if not top.size:
        return np.zeros(len(FEATURES))
    first = int(top[0])
    mass = max(query.mass, 1e-6)
    second = float(score[top[1]]) if top.size > 1 else 0.0
    third = float(score[top[2]]) if top.size > 2 else 0.0
    best = float(score[first])
    in_title = index.coverage(query, "title" if index.titled[first] else "lead")
    return np.array(
        [
            best / mass,
            (best - second) / best,
            (best - third) / best,
            float(in_title[first]),
            float(index.coverage(query, "body")[first]),
            float(index.title_coverage(query)[first]),
            float(evidence.letters[first]),
            float(evidence.passage[first]) / mass,
            np.log1p(mass),
            np.log1p(len(query.sought)),
        ]
    )
