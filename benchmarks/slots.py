"""How fast and how exactly slots are found, over HTTP, in an agenda of any size.

The agenda is brought in by the product's own import, the town is started as an installation is,
and each query is one request to the public API with the key of an agents' system.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import datetime as dt
import gzip
import http.client
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks._running import BenchFailed, RunningTown

KEY = "slots-bench"
RUNS = 3
QUERIES = 20
QUESTION = ("motif", "lieu", "du", "au")
MODULUS = 1_000_003
ZONE = ZoneInfo("Europe/Paris")
PREPARE = f"""
from beffroi.base.access.models import ApiKey, digest_of
from beffroi.base.authorities.models import Authority
town = Authority.objects.create(kind="commune", name="Banc d’essai", slug="banc", is_default=True)
ApiKey.objects.create(authority=town, name="bench", digest=digest_of("{KEY}"), role="agent")
"""
NUMBERS = """
import json
from beffroi.accessible.reception.appointments.models import Agent, Reason
from beffroi.base.authorities.models import Site
print(json.dumps({
    "motifs": {r.external_id.partition(":")[2]: r.pk for r in Reason.objects.all()},
    "agents": {a.pk: int(a.external_id.partition(":")[2]) for a in Agent.objects.all()},
    "lieux": {s.name.rpartition(" ")[2]: s.pk for s in Site.objects.all()},
}))
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, required=True, help="folder in the format of creneaux_A"
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="of the queries, when the folder has none"
    )
    parser.add_argument("--out", type=Path, help="one line per query, with its answer")


def run(args: argparse.Namespace) -> dict[str, Any]:
    expected_file = args.data / "requetes_attendues.json"
    expected = json.loads(expected_file.read_text()) if expected_file.exists() else []
    queries = [{name: q[name] for name in QUESTION} for q in expected]
    queries = queries or _queries(args.data, args.seed)
    started = _first_day(args.data)
    with _town(args.data) as (call, numbers, import_s):
        answers = [_answer(call, numbers, query, started) for query in queries]
        site = [q for q in queries if q["lieu"] is not None]
        everybody = [q for q in queries if q["lieu"] is None]
        spans = sorted({(q["du"], q["au"]) for q in queries})
        first = [
            f"first-slots?reason={reason}&first_day={du}&last_day={au}"
            for reason in numbers["motifs"].values()
            for du, au in spans
        ]
        figures = {
            "site_p95_ms": _p95(call, [_path(numbers, q) for q in site]),
            "all_agents_p95_ms": _p95(call, [_path(numbers, q) for q in everybody]),
            "first_in_sites_p95_ms": _p95(call, first),
        }
        fresh = _is_fresh(call, numbers, queries)
    if args.out:
        args.out.write_text("".join(json.dumps(answer) + "\n" for answer in answers))
    result: dict[str, Any] = {"n": len(answers), **figures, "fresh": fresh, "import_s": import_s}
    if expected:
        result["exact"] = sum(a == b for a, b in zip(answers, expected, strict=True))
    for name, figure in result.items():
        print(f"{name:24} {figure}")
    return result


class Call:
    """One kept connection to the public origin."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def __call__(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        text = json.dumps(body) if body is not None else None
        self.connection.request(method, f"/api/v1/appointments/{path}", text, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()


@contextlib.contextmanager
def _town(data: Path) -> Iterator[tuple[Call, dict[str, Any], float]]:
    """The whole product, on the agenda given; also the numbers of its records, and the import's time."""
    with RunningTown() as town:
        environment = town.environment() | {"BEFFROI_DATA": str(town.data)}

        def beffroi(*words: str) -> str:
            done = subprocess.run(
                [sys.executable, "-m", "beffroi.project.cli", *words],
                env=environment, capture_output=True, text=True, check=False,
            )  # fmt: skip
            if done.returncode:
                raise BenchFailed(f"beffroi {words[0]}: {done.stderr[-2000:]}")
            return done.stdout

        beffroi("manage", "migrate", "-v0")
        beffroi("manage", "shell", "-v0", "-c", PREPARE)
        start = time.perf_counter()
        beffroi("import", "agenda", str(data))
        import_s = round(time.perf_counter() - start, 1)
        numbers = json.loads(beffroi("manage", "shell", "-v0", "-c", NUMBERS).splitlines()[-1])
        town.start()
        yield Call(town.port), numbers, import_s


def _path(numbers: dict[str, Any], query: dict[str, Any]) -> str:
    site = query["lieu"]
    where = "" if site is None else f"&site={numbers['lieux'][str(site)]}"
    reason = numbers["motifs"][str(query["motif"])]
    return f"slots?reason={reason}{where}&first_day={query['du']}&last_day={query['au']}"


def _slots(call: Call, path: str) -> list[dict[str, Any]]:
    status, body = call("GET", path)
    if status != 200:
        raise BenchFailed(f"{path}: {status} {body[:500]!r}")
    found: list[dict[str, Any]] = json.loads(body)["slots"]
    return found


def _answer(
    call: Call, numbers: dict[str, Any], query: dict[str, Any], started: dt.date
) -> dict[str, Any]:
    """The query with its answer, as the data's README defines the figures."""
    slots = _slots(call, _path(numbers, query))
    pairs = [
        (
            dt.datetime.fromisoformat(slot["starts_at"]).astimezone(ZONE),
            numbers["agents"][str(agent)],
        )
        for slot in slots
        for agent in slot["agents"]
    ]
    total = sum(
        (start.date() - started).days * 1440 + start.hour * 60 + start.minute + agent
        for start, agent in pairs
    )
    first = min((start for start, _ in pairs), default=None)
    return {
        **query,
        "nb_creneaux_agent": len(pairs),
        "nb_horaires_distincts": len({start for start, _ in pairs}),
        "premier": [f"{first:%Y-%m-%d}", f"{first:%H:%M}"] if first else None,
        "somme_controle": total % MODULUS,
    }


def _p95(call: Call, paths: list[str]) -> float:
    """The median over three runs of the 95th percentile, in ms, from request to last byte."""
    if not paths:
        return 0.0
    rounds = []
    for _ in range(RUNS):
        times = []
        for path in paths:
            start = time.perf_counter()
            status, _body = call("GET", path)
            times.append(1000 * (time.perf_counter() - start))
            if status != 200:
                raise BenchFailed(f"{path}: {status}")
        rounds.append(sorted(times)[max(0, -(-95 * len(times) // 100) - 1)])
    return round(statistics.median(rounds), 1)


def _is_fresh(call: Call, numbers: dict[str, Any], queries: list[dict[str, Any]]) -> bool:
    """Each slot that is held is gone in the very next search, and back once it is given up."""
    for query in queries:
        path = _path(numbers, query)
        slots = _slots(call, path)
        if not slots:
            continue
        wanted = slots[len(slots) // 2]
        agent = wanted["agents"][0]
        reason = numbers["motifs"][str(query["motif"])]
        body = {
            "reason": reason,
            "site": wanted["site"],
            "agent": agent,
            "starts_at": wanted["starts_at"],
        }
        status, text = call("POST", "holds", body)
        if status != 201 or _offers(_slots(call, path), wanted, agent):
            return False
        if call("DELETE", f"appointments/{json.loads(text)['ref']}")[0] != 204:
            return False
        if not _offers(_slots(call, path), wanted, agent):
            return False
    return True


def _offers(slots: list[dict[str, Any]], wanted: dict[str, Any], agent: int) -> bool:
    return any(
        slot["starts_at"] == wanted["starts_at"]
        and slot["site"] == wanted["site"]
        and agent in slot["agents"]
        for slot in slots
    )


def _column(data: Path, name: str, column: str) -> list[str]:
    packed = data / f"{name}.csv.gz"
    path = packed if packed.exists() else data / f"{name}.csv"
    with gzip.open(path, "rt") if path == packed else path.open() as text:
        return [row[column] for row in csv.DictReader(text)]


def _first_day(data: Path) -> dt.date:
    """The Monday from which the control sum counts its minutes."""
    day = dt.date.fromisoformat(min(_column(data, "rdvs", "jour")))
    return day - dt.timedelta(days=day.weekday())


def _queries(data: Path, seed: int) -> list[dict[str, Any]]:
    """Twenty queries over the weeks of the data, a quarter of them over all sites."""
    chance = random.Random(seed)
    reasons, sites = _column(data, "motifs", "motif"), _column(data, "agents", "lieu")
    first = _first_day(data)
    last = dt.date.fromisoformat(max(_column(data, "rdvs", "jour")))
    weeks = max(1, ((last - first).days + 7) // 7)
    found = []
    for number in range(QUERIES):
        week, whole = chance.randrange(weeks), chance.random() < 0.5
        begin = first if whole else first + dt.timedelta(weeks=week)
        length = weeks if whole else 1
        found.append(
            {
                "motif": int(chance.choice(reasons)),
                "lieu": None if number % 4 == 0 else int(chance.choice(sites)),
                "du": begin.isoformat(),
                "au": (begin + dt.timedelta(days=7 * length - 1)).isoformat(),
            }
        )
    return found
