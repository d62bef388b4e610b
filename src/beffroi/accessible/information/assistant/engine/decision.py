"""Answer, ask back, or hand over: a calibrated probability and two thresholds decide."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from .ranking import FEATURES

Floats = npt.NDArray[np.float64]
CLOSE_CALL = 0.04
"""Two articles whose scores differ by less than this share are told apart by the person, not by us:
« majeur » and « mineur » of one procedure are the usual case."""
_MARGIN = FEATURES.index("margin_to_second")


class Decision(StrEnum):
    """What to do with a question whose articles are ranked."""

    ANSWER = "answer"
    ASK_BACK = "ask_back"
    HAND_OVER = "hand_over"


@dataclass(frozen=True, slots=True)
class Logistic:
    """P(true) = 1 / (1 + exp(−(bias + weights · standardised features)))."""

    mean: Floats
    scale: Floats
    weights: Floats
    bias: float

    def probability(self, features: Floats) -> Floats:
        """For one row of features or many; in ]0, 1[."""
        logit = ((features - self.mean) / self.scale) @ self.weights + self.bias
        return np.asarray(1 / (1 + np.exp(-np.clip(logit, -30, 30))))

    @classmethod
    def fit(cls, features: Floats, truth: Floats, *, counts: Floats, ridge: float) -> Logistic:
        """Newton's method on the weighted ridge likelihood; ``counts`` weigh the rows.

        Converges for any positive ``ridge``, also on separable data.
        """
        mean = features.mean(0)
        scale = np.maximum(features.std(0), 1e-6)
        rows = np.column_stack([(features - mean) / scale, np.ones(len(features))])
        penalty = np.diag([ridge] * features.shape[1] + [1e-6])
        theta = np.zeros(rows.shape[1])
        for _ in range(50):
            p = 1 / (1 + np.exp(-np.clip(rows @ theta, -30, 30)))
            slope = rows.T @ (counts * (p - truth)) + penalty @ theta
            curve = (rows * (counts * p * (1 - p))[:, None]).T @ rows + penalty
            step = np.linalg.solve(curve, slope)
            theta -= step
            if np.abs(step).max() < 1e-8:
                break
        return cls(mean, scale, theta[:-1], float(theta[-1]))

    def as_json(self) -> dict[str, Any]:
        return {
            "mean": self.mean.round(6).tolist(),
            "scale": self.scale.round(6).tolist(),
            "weights": self.weights.round(6).tolist(),
            "bias": round(self.bias, 6),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Logistic:
        mean, scale, weights = (
            np.array(data[name], np.float64) for name in ("mean", "scale", "weights")
        )
        return cls(mean, scale, weights, float(data["bias"]))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Two models of the same features: is the first article right, is one of the first three."""

    first: Logistic
    among_three: Logistic
    answer_from: float
    ask_from: float

    def decide(self, features: Floats) -> tuple[Decision, float]:
        """The decision, and the probability that the first article is the right one."""
        if not features.any():
            return Decision.HAND_OVER, 0.0
        probability = float(self.first.probability(features))
        is_close = features[_MARGIN] < CLOSE_CALL
        if probability >= self.answer_from and not is_close:
            return Decision.ANSWER, probability
        among_three = float(self.among_three.probability(features))
        if max(among_three, probability) >= self.ask_from:
            return Decision.ASK_BACK, probability
        return Decision.HAND_OVER, probability


@cache
def calibration() -> Calibration:
    """The calibration delivered with the product; ``calibration.json`` says how it was obtained."""
    data = json.loads(files(__package__).joinpath("calibration.json").read_text("utf-8"))
    return Calibration(
        Logistic.from_json(data["first"]),
        Logistic.from_json(data["among_three"]),
        float(data["answer_from"]),
        float(data["ask_from"]),
    )
