"""Fits ``engine/calibration.json`` on question sets; run by hand when the ranking changes.

    python -m beffroi.accessible.information.assistant.calibrate --kb kb_fiches.jsonl.gz \
        --citizen eval_citizen_dev.jsonl --titles eval_title_dev.jsonl

Each question is asked twice, once with its right article hidden: an assistant that never saw a
question without answer cannot learn to say that it does not know. The hidden ones weigh as one
question in six: what a collection that fits its public leaves unanswered. Questions about anything
else (off_topic.txt, written for this) weigh as one in twelve. Questions of real people weigh twice
as much, all together, as the held-out titles: they are what the assistant will hear.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .engine.decision import Logistic
from .engine.index import Document, Index
from .engine.passages import passages_of, sections_of
from .engine.quality import auroc, expected_calibration_error
from .engine.ranking import FEATURES, rank

Floats = npt.NDArray[np.float64]
FOLDS = 5
RIDGE = 5.0
HIDDEN_SHARE = 1 / 6
OFF_TOPIC_SHARE = 1 / 12
CITIZEN_WEIGHT = 2.0
ANSWER_FROM = 0.65
ASK_FROM = 0.45
"""Thresholds on calibrated probabilities, chosen as costs: a wrong extract annoys more than a
question back, and a question back costs less than a needless wait for an agent."""
OFF_TOPIC = Path(__file__).parent / "off_topic.txt"


def documents_of(kb: Path) -> tuple[list[Document], dict[str, int]]:
    documents, positions = [], {}
    with gzip.open(kb, "rt", encoding="utf-8") as lines:
        for position, line in enumerate(lines):
            row = json.loads(line)
            passages = [(p.heading, p.text) for p in passages_of(sections_of(row["text"]))]
            theme = " ".join(step for step in row["theme"] if step != "Autre")
            documents.append(Document(position, row["title"] or "", theme, passages))
            positions[row["id"]] = position
    return documents, positions


def observations(
    index: Index,
    positions: dict[str, int],
    questions: Sequence[dict[str, str]],
    *,
    blank_title: bool,
) -> tuple[Floats, Floats]:
    """Features and (first is right, right is among three, article was hidden), two rows a question."""
    features, truth = [], []
    for question in questions:
        gold = positions[question["gold"]]
        asked = index.without_title(gold) if blank_title else index
        for hidden in ((), (gold,)):
            ranking = rank(asked, question["question"], hidden)
            features.append(ranking.features)
            first = gold in ranking.positions[:1]
            truth.append([first, gold in ranking.positions[:3], bool(hidden)])
    return np.array(features), np.array(truth, np.float64)


def off_topic(index: Index) -> tuple[Floats, Floats]:
    """Features of questions that no article can answer, in the same form."""
    features = [rank(index, line).features for line in OFF_TOPIC.read_text("utf-8").splitlines()]
    return np.array(features), np.tile([0.0, 0.0, 1.0], (len(features), 1))


def fit(
    index: Index,
    positions: dict[str, int],
    citizen: list[dict[str, str]],
    titles: list[dict[str, str]],
) -> dict[str, Any]:
    sets = [
        observations(index, positions, citizen, blank_title=False),
        observations(index, positions, titles, blank_title=True),
        off_topic(index),
    ]
    features = np.vstack([rows for rows, _ in sets])
    truth = np.vstack([labels for _, labels in sets])
    counts = _counts([labels for _, labels in sets])
    fold = np.concatenate([np.arange(len(rows)) // 2 % FOLDS for rows, _ in sets])
    held_out = np.zeros((len(features), 2))
    for k in range(FOLDS):
        kept, out = fold != k, fold == k
        for target in (0, 1):
            model = Logistic.fit(
                features[kept], truth[kept, target], counts=counts[kept], ridge=RIDGE
            )
            held_out[out, target] = model.probability(features[out])
    return {
        "features": list(FEATURES),
        "first": Logistic.fit(features, truth[:, 0], counts=counts, ridge=RIDGE).as_json(),
        "among_three": Logistic.fit(features, truth[:, 1], counts=counts, ridge=RIDGE).as_json(),
        "answer_from": ANSWER_FROM,
        "ask_from": ASK_FROM,
        "obtained": {
            "method": f"ridge {RIDGE:g} logistic regression, {FOLDS}-fold cross-validation by question",
            "questions": {
                "citizen": len(citizen),
                "held-out titles": len(titles),
                "off topic": len(sets[2][0]),
            },
            "weights": {
                "hidden": round(HIDDEN_SHARE, 3),
                "off topic": round(OFF_TOPIC_SHARE, 3),
                "citizen to titles": CITIZEN_WEIGHT,
            },
            "cross_validated": _cross_validated(held_out, truth, counts),
        },
    }


def _counts(truths: Sequence[Floats]) -> Floats:
    """The weight of each row, so that each kind has its share of the whole; their sum is their number."""
    citizen, titles, others = truths
    total = sum(len(labels) for labels in truths)
    on_topic = total * (1 - OFF_TOPIC_SHARE)
    parts = []
    for labels, weight in ((citizen, CITIZEN_WEIGHT), (titles, 1.0)):
        part = on_topic * weight / (CITIZEN_WEIGHT + 1.0)
        hidden = labels[:, 2] == 1
        share = np.where(hidden, HIDDEN_SHARE / hidden.sum(), (1 - HIDDEN_SHARE) / (~hidden).sum())
        parts.append(part * share)
    parts.append(np.full(len(others), total * OFF_TOPIC_SHARE / len(others)))
    return np.concatenate(parts)


def _cross_validated(held_out: Floats, truth: Floats, counts: Floats) -> dict[str, float]:
    first, right, hidden = held_out[:, 0], truth[:, 0], truth[:, 2] == 1
    answered = first >= ANSWER_FROM
    asked = ~answered & (held_out[:, 1] >= ASK_FROM)
    return {
        "ece": round(expected_calibration_error(first, right, counts), 3),
        "auroc_right": round(auroc(first[right == 1], first[right == 0]), 3),
        "auroc_removed": round(auroc(first[~hidden], first[hidden]), 3),
        "answered": round(float(np.average(answered, weights=counts)), 3),
        "answers_right": round(float(np.average(right[answered], weights=counts[answered])), 3),
        "asked_back": round(float(np.average(asked, weights=counts)), 3),
        "choices_right": round(float(np.average(truth[asked, 1], weights=counts[asked])), 3),
    }


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--kb", type=Path, required=True)
    parser.add_argument("--citizen", type=Path, required=True)
    parser.add_argument("--titles", type=Path, required=True)
    options = parser.parse_args(argv)
    documents, positions = documents_of(options.kb)
    sets = [
        [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        for path in (options.citizen, options.titles)
    ]
    found = fit(Index.build(documents), positions, *sets)
    target = Path(__file__).parent / "engine" / "calibration.json"
    target.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    sys.stdout.write(json.dumps(found["obtained"], indent=1, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
