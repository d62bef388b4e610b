"""A real web server on a database of its own, filled by the product's own import."""

from __future__ import annotations

import csv
import http.client
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.project.processes import wait_until
from tests.real.whole_town import ROOT, beffroi, empty_town, environment, free_port

MAKE_AUTHORITY = """
from beffroi.base.authorities.models import Authority
Authority.objects.create(kind="commune", name="Vernay", slug="vernay", is_default=True)
"""


class Server:
    """Speaks JSON to one web process over TCP; each call has a connection of its own."""

    def __init__(self, port: int) -> None:
        self.port = port

    def call(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(
                method,
                f"/api/v1/{path}",
                json.dumps(body) if body is not None else None,
                {"Content-Type": "application/json"}
                | {name.replace("_", "-"): text for name, text in headers.items()},
            )
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text else None
        finally:
            connection.close()


@contextmanager
def serving(agenda: Path, **settings: str) -> Iterator[Server]:
    """A town that has imported `agenda`, answered by two processes of granian."""
    data = empty_town()
    port = free_port()
    try:
        if "BEFFROI_DATABASE_URL" in settings:
            _done(beffroi(data, "manage", "migrate", "-v0", **settings))
        _done(beffroi(data, "manage", "shell", "-v0", "-c", MAKE_AUTHORITY, **settings))
        _done(beffroi(data, "import", "agenda", str(agenda), **settings))
        process = subprocess.Popen(
            [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers",
             "2", "--blocking-threads", "4", "--no-ws", "beffroi.project.wsgi:application"],
            env=environment(data, **settings), cwd=ROOT, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            server = Server(port)

            def answers() -> bool:
                assert process.poll() is None
                try:
                    return server.call("GET", "appointments/reasons")[0] == 200
                except OSError:
                    return False

            wait_until(answers, 60)
            yield server
        finally:
            process.terminate()
            process.wait(timeout=30)
    finally:
        shutil.rmtree(data, ignore_errors=True)


def _done(process: subprocess.CompletedProcess[str]) -> None:
    assert process.returncode == 0, process.stderr


def write_agenda(
    folder: Path, agents: int = 1, hours: tuple[str, str] = ("08:00", "18:00")
) -> Path:
    """Agents who receive every day of the week for one reason of fifteen minutes."""
    plages = [(7 * a + d, a, 0, d + 1, *hours) for a in range(agents) for d in range(7)]
    tables: dict[str, list[tuple[object, ...]]] = {
        "motifs": [("motif", "duree_min"), (0, 15)],
        "agents": [("agent", "lieu"), *((a, 0) for a in range(agents))],
        "plages_ouverture": [
            ("plage", "agent", "lieu", "jour_semaine_iso", "debut", "fin"),
            *plages,
        ],
        "plages_motifs": [("plage", "motif"), *((p[0], 0) for p in plages)],
        "absences": [("absence", "agent", "premier_jour", "dernier_jour")],
        "rdvs": [("rdv", "agent", "motif", "jour", "debut", "fin", "statut")],
    }
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", newline="") as out:
            csv.writer(out).writerows(rows)
    return folder
