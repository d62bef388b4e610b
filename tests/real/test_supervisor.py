"""`beffroi up` with its real services, killed and stopped."""

from __future__ import annotations

import os
import random
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.project.processes import marked, wait_until

from .whole_town import WholeTown, beffroi

pytestmark = pytest.mark.peer


@pytest.fixture
def town() -> Iterator[WholeTown]:
    started = WholeTown()
    yield started
    started.remove()


@pytest.fixture(scope="module")
def standing() -> Iterator[WholeTown]:
    """One town for all tests that leave it standing."""
    started = WholeTown().start().ready()
    yield started
    started.remove()


def test_first_start_second_start_and_stop(town: WholeTown) -> None:
    town.folder = Path(tempfile.mkdtemp(prefix="town-"))
    town.start().ready()
    assert f"http://localhost:{town.port}/" in town.console
    assert "Mise à jour" in town.console
    assert town.get("/healthz").body == b'{"status": "ok"}'
    assert town.get("/live/healthz").body == b'{"status":"ok"}'
    assert town.stop() == 0
    assert marked(town.mark) == {}
    town.start().ready()
    assert "Mise à jour" not in town.console
    assert town.stop() == 0


def test_two_towns_side_by_side_and_never_two_on_one_folder(
    standing: WholeTown, tmp_path: Path
) -> None:
    town = standing
    other = WholeTown()
    try:
        other.start().ready()
        assert town.get("/healthz").status == other.get("/healthz").status == 200
        assert town.process is not None
        again = beffroi(town.folder, "up")
        assert again.returncode == 1
        assert f"processus {town.process.pid}" in again.stderr
        taken = beffroi(tmp_path, "up", f"--port={town.port}")
        assert taken.returncode == 1
        assert f"Le port {town.port} est déjà pris" in taken.stderr
        assert other.stop() == 0
        assert town.get("/healthz").status == 200
    finally:
        other.remove()


@pytest.mark.faults
@pytest.mark.parametrize("service", ["web", "live", "worker", "intake"])
def test_a_killed_service_comes_back(standing: WholeTown, service: str) -> None:
    town = standing
    module = f"beffroi.project.services.{service}"
    (before, *_) = sorted(town.pids(module))
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: town.pids(module) and before not in town.pids(module))
    wait_until(lambda: _answers(town))


def _answers(town: WholeTown) -> bool:
    try:
        return town.get("/healthz").status == 200
    except OSError:
        return False


@pytest.mark.faults
def test_kill_9_leaves_nobody_and_the_next_start_works(town: WholeTown) -> None:
    for _ in range(5):
        town.start()
        # A random moment of the start: migrations, granian coming up, or all ready.
        time.sleep(random.uniform(0.2, 4.0))
        assert town.process is not None
        town.process.kill()
        town.process.wait()
        wait_until(lambda: not marked(town.mark))
    town.start().ready()
    assert town.get("/healthz").status == 200


@pytest.mark.faults
def test_the_public_port_stays_open_while_live_restarts(standing: WholeTown) -> None:
    town = standing
    (live,) = town.pids("beffroi.project.services.live")
    os.kill(live, signal.SIGKILL)
    # Nobody is refused: the connection waits for the new process.
    with socket.create_connection(("127.0.0.1", town.port), timeout=20) as early:
        early.sendall(b"GET /live/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert early.recv(100).startswith(b"HTTP/1.1 200 ")


def test_a_data_folder_with_too_long_a_path_is_refused_clearly(tmp_path: Path) -> None:
    refused = beffroi(tmp_path / ("a" * 90), "up")
    assert refused.returncode == 1
    assert "trop long" in refused.stderr
