"""Fits ``engine/calibration.json`` on question sets; run by hand when the ranking changes.

    python -m beffroi.accessible.information.assistant.calibrate --kb kb_fiches.jsonl.gz \
        --citizen eval_citizen_dev.jsonl --titles eval_title_dev.jsonl

Each question is asked twice, once with its right article hidden: an assistant that never saw a
question without answer cannot learn to say that it does not know. Questions of real people weigh
as much, all together, as the held-out titles.
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
WANTED_PRECISION = 0.8
WANTED_AMONG_THREE = 0.6


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


def fit(
    index: Index,
    positions: dict[str, int],
    citizen: list[dict[str, str]],
    titles: list[dict[str, str]],
) -> dict[str, Any]:
    sets = [
        observations(index, positions, citizen, blank_title=False),
        observations(index, positions, titles, blank_title=True),
    ]
    features = np.vstack([rows for rows, _ in sets])
    truth = np.vstack([labels for _, labels in sets])
    counts = np.concatenate([np.full(len(rows), len(features) / 2 / len(rows)) for rows, _ in sets])
    fold = np.concatenate([np.arange(len(rows)) // 2 % FOLDS for rows, _ in sets])
    held_out = np.zeros((len(features), 2))
    for k in range(FOLDS):
        kept, out = fold != k, fold == k
        for target in (0, 1):
            model = Logistic.fit(
                features[kept], truth[kept, target], counts=counts[kept], ridge=RIDGE
            )
            held_out[out, target] = model.probability(features[out])
    hidden = truth[:, 2] == 1
    return {
        "features": list(FEATURES),
        "first": Logistic.fit(features, truth[:, 0], counts=counts, ridge=RIDGE).as_json(),
        "among_three": Logistic.fit(features, truth[:, 1], counts=counts, ridge=RIDGE).as_json(),
        "answer_from": _lowest_threshold(held_out[:, 0], truth[:, 0], counts, WANTED_PRECISION),
        "ask_from": _lowest_threshold(held_out[:, 1], truth[:, 1], counts, WANTED_AMONG_THREE),
        "obtained": {
            "method": f"ridge {RIDGE} logistic regression, {FOLDS}-fold cross-validation by question",
            "questions": {"citizen": len(citizen), "held-out titles": len(titles)},
            "rows": len(features),
            "cross_validated": {
                "ece": round(expected_calibration_error(held_out[:, 0], truth[:, 0]), 3),
                "auroc_right": round(
                    auroc(held_out[truth[:, 0] == 1, 0], held_out[truth[:, 0] == 0, 0]), 3
                ),
                "auroc_removed": round(auroc(held_out[~hidden, 1], held_out[hidden, 1]), 3),
            },
            "thresholds": f"lowest with a cross-validated precision of {WANTED_PRECISION} (answer) "
            f"and {WANTED_AMONG_THREE} (ask back)",
        },
    }


def _lowest_threshold(probability: Floats, truth: Floats, counts: Floats, wanted: float) -> float:
    for threshold in np.arange(0.05, 0.96, 0.01):
        above = probability >= threshold
        if above.any() and np.average(truth[above], weights=counts[above]) >= wanted:
            return round(float(threshold), 2)
    return 0.95


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
