import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.accessible.information.assistant.engine.decision import (
    Calibration,
    Decision,
    Logistic,
    calibration,
)
from beffroi.accessible.information.assistant.engine.quality import (
    auroc,
    coverage_curve,
    expected_calibration_error,
    mean_reciprocal_rank,
    recall,
    wilson,
)
from beffroi.accessible.information.assistant.engine.ranking import FEATURES


def test_the_delivered_calibration_knows_every_feature() -> None:
    delivered = calibration()
    assert delivered.first.weights.shape == delivered.among_three.mean.shape == (len(FEATURES),)
    assert 0 < delivered.ask_from < delivered.answer_from < 1


def test_nothing_found_is_handed_over() -> None:
    assert calibration().decide(np.zeros(len(FEATURES))) == (Decision.HAND_OVER, 0.0)


def features(**values: float) -> np.ndarray:
    return np.array([values.get(name, 0.0) for name in FEATURES])


def test_the_thresholds_part_the_three_decisions() -> None:
    size = len(FEATURES)
    on_score = np.eye(size)[FEATURES.index("score")]
    flat = Logistic(np.zeros(size), np.ones(size), on_score, 0.0)
    model = Calibration(flat, flat, answer_from=0.8, ask_from=0.4)
    far = {"margin_to_second": 0.5}
    assert model.decide(features(score=3.0, **far))[0] is Decision.ANSWER
    assert model.decide(features(score=0.1, **far))[0] is Decision.ASK_BACK
    assert model.decide(features(score=-3.0, **far))[0] is Decision.HAND_OVER


def test_two_articles_that_are_nearly_equal_are_never_decided_for_the_person() -> None:
    size = len(FEATURES)
    sure = Logistic(np.zeros(size), np.ones(size), np.zeros(size), 5.0)
    model = Calibration(sure, sure, answer_from=0.8, ask_from=0.4)
    assert model.decide(features(score=3.0, margin_to_second=0.01))[0] is Decision.ASK_BACK
    assert model.decide(features(score=3.0, margin_to_second=0.2))[0] is Decision.ANSWER


def test_a_fit_finds_the_probabilities_it_was_made_from() -> None:
    generator = np.random.default_rng(7)
    features = generator.normal(size=(4000, 2))
    chance = 1 / (1 + np.exp(-(0.5 + 1.5 * features[:, 0])))
    truth = (generator.random(4000) < chance).astype(float)
    model = Logistic.fit(features, truth, counts=np.ones(4000), ridge=1.0)
    assert np.abs(model.probability(features) - chance).mean() < 0.03
    assert Logistic.from_json(model.as_json()).probability(features) == pytest.approx(
        model.probability(features), abs=1e-4
    )


def test_a_fit_on_separable_data_ends() -> None:
    features = np.array([[-1.0], [-2.0], [1.0], [2.0]])
    model = Logistic.fit(features, np.array([0.0, 0, 1, 1]), counts=np.ones(4), ridge=0.1)
    assert np.isfinite(model.weights).all()


def test_measures_on_a_case_done_by_hand() -> None:
    assert recall([1, 3, 0, 11], 3) == 0.5
    assert mean_reciprocal_rank([1, 2, 0]) == 0.5
    probability, right = np.array([0.9, 0.8, 0.2, 0.1]), np.array([1.0, 1, 0, 0])
    assert coverage_curve(probability, right, steps=2) == [(0.5, 1.0), (1.0, 0.5)]
    assert expected_calibration_error(probability, right) == pytest.approx(0.15)
    assert auroc(probability[:2], probability[2:]) == 1.0
    assert auroc(np.array([]), np.array([1.0])) == 0.5


@given(st.integers(1, 500), st.floats(0, 1))
def test_wilson_holds_the_share(n: int, share: float) -> None:
    successes = round(share * n)
    low, high = wilson(successes, n)
    assert 0 <= low <= successes / n + 1e-9
    assert successes / n - 1e-9 <= high <= 1
