"""How often the assistant finds the right article, how well it knows it, and how fast.

Each question goes through the assistant's public answer; then it is asked again with its right
article left out, to see whether the assistant notices that nothing answers.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._collection import authority_with, read_lines

RUNS = 3


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kb", type=Path, required=True, help="articles, .jsonl or .jsonl.gz")
    parser.add_argument("--questions", type=Path, required=True, help="questions, .jsonl")
    parser.add_argument(
        "--blank-gold-title", action="store_true", help="the right article has no title"
    )
    parser.add_argument("--remove-gold", action="store_true", help="the right article is left out")
    parser.add_argument("--typos", action="store_true", help="questions with typing errors")
    parser.add_argument("--shuffle", action="store_true", help="articles in another order")
    parser.add_argument(
        "--drop-articles", type=float, default=0.0, metavar="SHARE", help="fewer articles"
    )
    parser.add_argument("--rate", type=float, default=0.0, help="questions a second, in open loop")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--out", type=Path, help="ranked ids, probability and decision per question"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    questions = read_lines(args.questions)
    golds = {question["gold"] for question in questions if question.get("gold")}
    if not questions:
        raise SystemExit(f"{args.questions}: no question")
    with authority_with(
        args.kb, seed=args.seed, shuffle=args.shuffle, drop=args.drop_articles, keep=golds
    ) as authority:
        from beffroi.accessible.information.assistant.models import Article

        keys = dict(Article.objects.values_list("external_id", "pk"))
        ids = {pk: external_id for external_id, pk in keys.items()}
        asked = [_wording(question, args) for question in questions]
        times = _times(authority, asked, args.rate)
        rows = [
            _ask(authority, question, text, keys, ids, args)
            for question, text in zip(questions, asked, strict=True)
        ]
    if args.out:
        lines = (json.dumps(row["out"], ensure_ascii=False) for row in rows)
        args.out.write_text("\n".join(lines) + "\n", "utf-8")
    return _measures(rows, times)


def _wording(question: dict[str, Any], args: argparse.Namespace) -> str:
    if not args.typos:
        return str(question["question"])
    return str(question.get("question_typo") or _with_typos(question["question"], args.seed))


def _with_typos(text: str, seed: int) -> str:
    """One slip in a third of the long words: a letter lost, doubled, or two swapped."""
    chance = random.Random(f"{seed}:{text}")
    words = text.split(" ")
    for position, word in enumerate(words):
        if len(word) >= 5 and chance.random() < 1 / 3:
            i = chance.randrange(1, len(word) - 2)
            kind = chance.randrange(3)
            if kind == 0:
                words[position] = word[:i] + word[i + 1 :]
            elif kind == 1:
                words[position] = word[: i + 1] + word[i:]
            else:
                words[position] = word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    return " ".join(words)


def _times(authority: Any, asked: Sequence[str], rate: float) -> list[float]:
    """Milliseconds per answer over three runs; with a rate, from the moment each was due."""
    from beffroi.accessible.information.assistant.public import answer

    for text in asked[:20]:
        answer(authority, text)
    medians = []
    for _ in range(RUNS):
        start = time.perf_counter()
        spent = []
        for number, text in enumerate(asked):
            due = start + number / rate if rate else time.perf_counter()
            time.sleep(max(0.0, due - time.perf_counter()))
            answer(authority, text)
            spent.append(1000 * (time.perf_counter() - due))
        medians.append(spent)
    return statistics.median_low(sorted(medians, key=lambda spent: float(np.percentile(spent, 95))))


def _ask(
    authority: Any,
    question: dict[str, Any],
    text: str,
    keys: dict[str, int],
    ids: dict[int, str],
    args: argparse.Namespace,
) -> dict[str, Any]:
    from beffroi.accessible.information.assistant.public import search

    gold = keys.get(question.get("gold", ""))
    known = [gold] if gold is not None else []
    untitled = known if args.blank_gold_title else []
    found = search(authority, text, untitled=untitled, hidden=known if args.remove_gold else [])
    removed = search(authority, text, hidden=known)
    ranked = [ids[pk] for pk in found.articles]
    rank = ranked.index(question["gold"]) + 1 if question.get("gold") in ranked else 0
    out = {
        "qid": question.get("qid", ""),
        "ranked": ranked,
        "probability": round(found.probability, 4),
        "decision": str(found.decision),
    }
    return {
        "out": out,
        "rank": rank,
        "probability": found.probability,
        "removed": removed.probability,
        "decision": str(found.decision),
    }


def _measures(rows: Sequence[dict[str, Any]], times: Sequence[float]) -> dict[str, Any]:
    from beffroi.accessible.information.assistant.engine import quality

    n = len(rows)
    ranks = [row["rank"] for row in rows]
    right = np.array([rank == 1 for rank in ranks], np.float64)
    probability = np.array([row["probability"] for row in rows])
    removed = np.array([row["removed"] for row in rows])
    result: dict[str, Any] = {"n": n}
    for within in (1, 3, 10):
        share = quality.recall(ranks, within)
        low, high = quality.wilson(share * n, n)
        result |= {f"r{within}": round(share, 4), f"r{within}_ci": [round(low, 4), round(high, 4)]}
    curve = quality.coverage_curve(probability, right)
    decisions = {
        name: sum(row["decision"] == name for row in rows)
        for name in ("answer", "ask_back", "hand_over")
    }
    answered = [row["rank"] == 1 for row in rows if row["decision"] == "answer"]
    result |= {
        "mrr": round(quality.mean_reciprocal_rank(ranks), 4),
        "p95_ms": round(float(np.percentile(times, 95)), 3),
        "coverage": [[round(share, 3), round(precision, 4)] for share, precision in curve],
        "ece": round(quality.expected_calibration_error(probability, right), 4),
        "auroc_removed": round(quality.auroc(probability, removed), 4),
        "decisions": decisions,
        "answer_precision": round(sum(answered) / len(answered), 4) if answered else None,
    }
    _print(result)
    return result


def _print(result: dict[str, Any]) -> None:
    print(f"questions              {result['n']}")
    for within in (1, 3, 10):
        low, high = result[f"r{within}_ci"]
        print(
            f"right among the {within:<3}    {result[f'r{within}']:.3f}   [{low:.3f}, {high:.3f}]"
        )
    print(f"mean reciprocal rank   {result['mrr']:.3f}")
    print(f"answer p95             {result['p95_ms']:.1f} ms")
    print(f"calibration error      {result['ece']:.3f}")
    print(f"notices a missing text {result['auroc_removed']:.3f} (AUROC)")
    for share, precision in result["coverage"]:
        print(f"  surest {share:4.0%}          {precision:.3f} right")
    print("decisions              " + ", ".join(f"{k} {v}" for k, v in result["decisions"].items()))
