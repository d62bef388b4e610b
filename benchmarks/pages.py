"""Pages under 50 people, in open loop: how long each takes, and how much CPU it costs.

Each user asks for a page every 2 s whether or not the last one came: portal, chart of readings,
agent's day view in turn. A late answer counts from the moment it should have been asked for.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import time
from dataclasses import dataclass, field
from typing import Any

from benchmarks._running import BenchFailed, RunningTown
from benchmarks._visitor import Visitor

RUNS = 3
EVERY = 2.0
WARM_UP = 6.0
AGENT = "ines.moreau@vernay.example"
PASSWORD = "beffroi-demo"  # noqa: S105 - the published password of the demonstration


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument(
        "--seconds", type=float, default=30.0, help="length of each of the three runs"
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    with RunningTown() as town:
        town.start()
        paths = _paths(town)
        print(
            f"{'run':<5} {'pages':>6} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8} {'CPU ms/page':>12} {'errors':>7}"
        )
        asyncio.run(_load(town, paths, options.users, WARM_UP, options.seed))
        runs = []
        for number in range(RUNS):
            runs.append(
                _measured(town, paths, options.users, options.seconds, options.seed + number)
            )
            _print(number + 1, runs[-1])
    result = {
        "users": options.users,
        "every_s": EVERY,
        "pages": sum(one["pages"] for one in runs),
        "p95_ms": _median(runs, "p95_ms"),
        "p50_ms": _median(runs, "p50_ms"),
        "p99_ms": _median(runs, "p99_ms"),
        "cpu_ms_per_page": _median(runs, "cpu_ms_per_page"),
        "errors": sum(one["errors"] for one in runs),
        "by_page": sorted(runs, key=lambda one: one["p95_ms"])[RUNS // 2]["by_page"],
        "runs": runs,
    }
    if options.out:
        options.out.write_text(json.dumps(result, indent=1), "utf-8")
    return result


def _paths(town: RunningTown) -> dict[str, tuple[str, str]]:
    """Page → (address, Cookie): the visitors' two, and the agent's with a session of the real form."""
    visitor, agent = Visitor(town.port), Visitor(town.port)
    territory = visitor.get("/territoire/")
    signed = agent.sign_in(AGENT, PASSWORD)
    if "/connexion/" in signed.url:
        raise BenchFailed(f"the agent could not sign in ({signed.status})")
    series = territory.link(r"/territoire/series/\d+/")
    return {
        "portal": ("/", ""),
        "chart": (series, ""),
        "day view": ("/bureau/agenda/", agent.cookie("/bureau/")),
    }


@dataclass
class Answers:
    """Milliseconds by page, and what was not a page."""

    ms: dict[str, list[float]] = field(default_factory=dict)
    errors: int = 0


async def _load(
    town: RunningTown, paths: dict[str, tuple[str, str]], users: int, seconds: float, seed: int
) -> Answers:
    answers = Answers()
    chance = random.Random(seed)
    begun = time.perf_counter() + 0.2
    async with asyncio.TaskGroup() as group:
        for number in range(users):
            first = begun + chance.random() * EVERY
            group.create_task(_user(town.port, paths, number, first, begun + seconds, answers))
    return answers


async def _user(
    port: int,
    paths: dict[str, tuple[str, str]],
    number: int,
    first: float,
    until: float,
    answers: Answers,
) -> None:
    """One person: the next page is asked at its time even if the last has not come."""
    names = list(paths)
    asked: list[asyncio.Task[None]] = []
    connections: list[Connection] = []
    due, turn = first, number
    while due < until:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        name = names[turn % len(names)]
        free = connections.pop() if connections else Connection(port)
        asked.append(asyncio.create_task(_page(free, name, paths[name], due, answers, connections)))
        due, turn = due + EVERY, turn + 1
    await asyncio.gather(*asked)
    for connection in connections:
        connection.close()


async def _page(
    connection: Connection,
    name: str,
    path: tuple[str, str],
    due: float,
    answers: Answers,
    free: list[Connection],
) -> None:
    try:
        status = await asyncio.wait_for(connection.get(*path), 30.0)
    except (OSError, EOFError, ValueError, TimeoutError):
        connection.close()
        answers.errors += 1
        return
    answers.ms.setdefault(name, []).append((time.perf_counter() - due) * 1000)
    answers.errors += status != 200
    free.append(connection)


class Connection:
    """One kept connection of HTTP/1.1, as small as can be: the client shares the machine."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str, cookie: str) -> int:
        """The status of one page, read to its end. Raises OSError, EOFError, ValueError."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        extra = f"Cookie: {cookie}\r\n" if cookie else ""
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Language: fr\r\n{extra}\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").lower().split("\r\n")
        sizes = [line.split(":")[1] for line in lines if line.startswith("content-length:")]
        if sizes:
            await reader.readexactly(int(sizes[0]))
        else:
            await self._chunks(reader)
        if "connection: close" in lines:
            self.close()
        return int(lines[0].split(" ")[1])

    async def _chunks(self, reader: asyncio.StreamReader) -> None:
        while size := int((await reader.readline()).split(b";")[0], 16):
            await reader.readexactly(size + 2)
        await reader.readline()

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def _measured(
    town: RunningTown, paths: dict[str, tuple[str, str]], users: int, seconds: float, seed: int
) -> dict[str, Any]:
    before = town.cpu_seconds()
    answers = asyncio.run(_load(town, paths, users, seconds, seed))
    after = town.cpu_seconds()
    every = sorted(ms for group in answers.ms.values() for ms in group)
    if not every:
        raise BenchFailed("no page was answered")
    by_service = {name: after[name] - before.get(name, 0.0) for name in after}
    return {
        "pages": len(every),
        "p50_ms": round(_quantile(every, 0.50), 2),
        "p95_ms": round(_quantile(every, 0.95), 2),
        "p99_ms": round(_quantile(every, 0.99), 2),
        "cpu_ms_per_page": round(1000 * sum(by_service.values()) / len(every), 2),
        "cpu_ms_by_service": {
            name: round(1000 * used / len(every), 2) for name, used in sorted(by_service.items())
        },
        "by_page": {
            name: round(_quantile(sorted(ms), 0.95), 2) for name, ms in sorted(answers.ms.items())
        },
        "errors": answers.errors,
    }


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _median(runs: list[dict[str, Any]], key: str) -> float:
    return float(statistics.median(one[key] for one in runs))


def _print(number: int, one: dict[str, Any]) -> None:
    print(
        f"{number:<5} {one['pages']:>6} {one['p50_ms']:>8.1f} {one['p95_ms']:>8.1f} {one['p99_ms']:>8.1f} "
        f"{one['cpu_ms_per_page']:>12.2f} {one['errors']:>7}"
    )
