"""Measures of a search and of its probabilities."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def recall(ranks: Sequence[int], within: int) -> float:
    """Share of questions whose right article has a rank ≤ ``within`` (1 = first; 0 = not found)."""
    return sum(0 < rank <= within for rank in ranks) / max(len(ranks), 1)


def mean_reciprocal_rank(ranks: Sequence[int]) -> float:
    """Mean of 1/rank over the questions; a right article that is not found (rank 0) counts 0."""
    return sum(1 / rank for rank in ranks if rank) / max(len(ranks), 1)


def wilson(successes: float, n: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a proportion (Wilson, 1927); (0, 1) without data."""
    if not n:
        return 0.0, 1.0
    share = successes / n
    centre = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, (centre - half) / (1 + z * z / n)), min(1.0, (centre + half) / (1 + z * z / n))


def coverage_curve(
    probability: Floats, right: Floats, steps: int = 10
) -> list[tuple[float, float]]:
    """(share answered, precision among them) when the surest questions are answered first."""
    if not probability.size:
        return []
    order = np.argsort(-probability, kind="stable")
    precision = np.cumsum(right[order]) / np.arange(1, right.size + 1)
    curve = []
    for step in range(1, steps + 1):
        answered = max(1, round(right.size * step / steps))
        curve.append((step / steps, float(precision[answered - 1])))
    return curve


def expected_calibration_error(
    probability: Floats, right: Floats, counts: Floats | None = None, bins: int = 10
) -> float:
    """Mean gap between probability and frequency over equal-width bins, weighted by their size."""
    if not probability.size:
        return 0.0
    weights = np.ones_like(probability) if counts is None else counts
    which = np.minimum((probability * bins).astype(int), bins - 1)
    gap = 0.0
    for b in np.unique(which):
        inside = which == b
        excess = np.average(probability[inside] - right[inside], weights=weights[inside])
        gap += abs(float(excess)) * float(weights[inside].sum() / weights.sum())
    return gap


def auroc(positive: Floats, negative: Floats) -> float:
    """Probability that a positive scores above a negative, ties counting for half."""
    if not positive.size or not negative.size:
        return 0.5
    above = (positive[:, None] > negative[None, :]).mean()
    return float(above + 0.5 * (positive[:, None] == negative[None, :]).mean())
