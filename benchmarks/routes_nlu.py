"""Whether danger, other languages, personal numbers, small talk and injections are recognised."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from benchmarks._collection import authority_with, read_lines


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="messages and routes, .jsonl")
    parser.add_argument(
        "--kb", type=Path, help="articles; by default kb_fiches.jsonl.gz beside the data"
    )
    parser.add_argument("--out", type=Path, help="route per message")


def run(args: argparse.Namespace) -> dict[str, Any]:
    messages = read_lines(args.data)
    beside = args.data.parent / "kb_fiches.jsonl.gz"
    kb = args.kb or (beside if beside.exists() else None)
    with authority_with(kb) as authority:
        routes = [_route(authority, message["question"]) for message in messages]
    if args.out:
        rows = (
            {"qid": message.get("qid", ""), "question": message["question"], "route": route}
            for message, route in zip(messages, routes, strict=True)
        )
        args.out.write_text(
            "\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n", "utf-8"
        )
    right = 0
    for message, route in zip(messages, routes, strict=True):
        holds = _right(message.get("expected", ""), route)
        right += holds
        print(f"{'ok   ' if holds else 'WRONG'} {route:<20} {message['question'][:70]}")
    return {"n": len(messages), "right": right}


def _route(authority: Any, text: str) -> str:
    """The kind of the reply, in the words of the data: `emergency:17/3919`, `language:uk`."""
    from beffroi.accessible.information.assistant.public import ReplyKind, answer

    reply = answer(authority, text)
    if reply.emergency is not None:
        return f"emergency:{'/'.join(reply.emergency.numbers)}"
    if reply.kind is ReplyKind.LANGUAGE:
        return f"language:{reply.language}"
    if reply.kind is ReplyKind.UNKNOWN:
        return "out_of_scope"
    return str(reply.kind)


def _right(expected: str, route: str) -> bool:
    """What follows an arrow in the data is a comment for people."""
    return route == expected.split(" ")[0]
