"""`./run test [fast|ROOM|PATH…]`: walls, lint, types, then the tests, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from .postgresql import postgresql

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
QUICK = "not browser and not peer and not faults and not walk"

CHECKS: dict[str, list[str]] = {
    "format": ["ruff", "format", "--check", "-q", "src", "tests", "benchmarks", "scripts"],
    "lint": ["ruff", "check", "-q", "src", "tests", "benchmarks", "scripts"],
    "walls": ["lint-imports"],
    "types": ["mypy", "-p", "beffroi"],
    "templates": ["djlint", "src", "--lint", "--quiet"],
}


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def run(label: str, command: list[str], **environment: str) -> int:
    say(f"\n── {label}")
    started = time.monotonic()
    status = subprocess.call(command, cwd=ROOT, env={**os.environ, **environment})
    say(f"── {label}: {'ok' if status == 0 else 'FAILED'} in {time.monotonic() - started:.0f} s")
    return status


def pytest(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "-q", *arguments]


def paths_of(words: list[str]) -> list[str]:
    """A room's name, or a path, as pytest understands it."""
    found: list[str] = []
    for word in words:
        if (ROOT / word.partition("::")[0]).exists():
            found.append(word)
            continue
        rooms = [
            p
            for p in (ROOT / "tests").rglob("*")
            if p.stem in {word, f"test_{word}"} and "__" not in p.name
        ]
        if not rooms:
            sys.exit(f"no room and no path called {word!r}")
        found += [str(path) for path in rooms]
    return found


def main(words: list[str]) -> int:
    if words and words != ["fast"]:
        return run(" ".join(words), pytest(*paths_of(words)))
    environment = {"PATH": f"{BIN}:{os.environ['PATH']}", "BEFFROI_DEMO": "0"}
    results = [
        run(label, [str(BIN / command[0]), *command[1:]], **environment)
        for label, command in CHECKS.items()
    ]
    results.append(run("quick tests, SQLite", pytest("-n", "2", "-m", QUICK)))
    if not words:
        with postgresql() as url:
            results.append(
                run(
                    "quick tests, PostgreSQL",
                    pytest("-n", "2", "-m", f"{QUICK} and not sqlite"),
                    BEFFROI_DATABASE_URL=url,
                )
            )
        # One browser and one set of servers at a time: two cores gain nothing from more.
        # The browser's driver is one a process, so the pages and the whole towns each have their own.
        slow = f"not ({QUICK})"
        results.append(run("pages in a browser", pytest("-m", slow, "tests/browser")))
        results.append(
            run(
                "real servers, walks, faults", pytest("-m", slow, "--ignore=tests/browser", "tests")
            )
        )
    return 1 if any(results) else 0


sys.exit(main(sys.argv[1:]))
