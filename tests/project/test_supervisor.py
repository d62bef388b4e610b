"""The supervisor and its guard over toy services, with real signals."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from beffroi.project.service_log import ServiceLog

from .processes import MARK, kill_marked, marked, wait_until

pytestmark = pytest.mark.faults
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Toys:
    folder: Path
    mark: str
    process: subprocess.Popen[bytes]

    def ready(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"ready\n"

    def pids(self, word: str = "") -> list[int]:
        return [pid for pid, command in marked(self.mark).items() if word in command]


@pytest.fixture
def start_toys(tmp_path: Path) -> Iterator[object]:
    marks = []

    def start() -> Toys:
        mark = uuid.uuid4().hex
        marks.append(mark)
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("toys.py")), str(tmp_path)],
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}", MARK: mark},
            stdout=subprocess.PIPE,
            stderr=(tmp_path / "console").open("ab"),
        )
        return Toys(tmp_path, mark, process)

    yield start
    for mark in marks:
        kill_marked(mark)


def leaders(toys: Toys) -> dict[str, int]:
    """The first process of each service: the ones whose parent is the supervisor."""
    found = {}
    for pid, command in marked(toys.mark).items():
        try:
            parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it ended meanwhile
        if parent == toys.process.pid and " -c " in command:
            words = {"SIG_IGN": "deaf", "os.fork()": "forking", "AF_UNIX": "plain"}
            found.update({name: pid for word, name in words.items() if word in command})
    return found


def test_term_stops_everything(start_toys) -> None:  # type: ignore[no-untyped-def]
    toys = start_toys()
    toys.ready()
    wait_until(lambda: len(toys.pids("os.fork()")) >= 3)
    toys.process.terminate()
    assert toys.process.wait(timeout=20) == 1  # the deaf one had to be killed
    assert marked(toys.mark) == {}


def test_a_second_interrupt_does_not_wait(start_toys) -> None:  # type: ignore[no-untyped-def]
    toys = start_toys()
    toys.ready()
    toys.process.send_signal(signal.SIGINT)
    toys.process.send_signal(signal.SIGINT)
    toys.process.wait(timeout=20)
    assert marked(toys.mark) == {}


@pytest.mark.parametrize("name", ["plain", "deaf", "forking"])
def test_a_killed_service_is_cleared_away_and_starts_again(start_toys, name: str) -> None:  # type: ignore[no-untyped-def]
    toys = start_toys()
    toys.ready()
    wait_until(lambda: len(leaders(toys)) == 3 and len(toys.pids("os.fork()")) >= 3)
    before = leaders(toys)
    old_group = [pid for pid in toys.pids() if os.getpgid(pid) == before[name]]
    os.kill(before[name], signal.SIGKILL)
    wait_until(lambda: leaders(toys).get(name, before[name]) != before[name])
    assert not set(old_group) & set(toys.pids())
    others = {other: pid for other, pid in leaders(toys).items() if other != name}
    assert others == {other: pid for other, pid in before.items() if other != name}
    assert "killed by SIGKILL" in (toys.folder / "logs" / f"{name}.log").read_text()


def test_kill_9_of_the_supervisor_leaves_nobody(start_toys) -> None:  # type: ignore[no-untyped-def]
    for attempt in range(10):
        toys = start_toys()
        if attempt % 2:
            toys.ready()
        time.sleep(random.uniform(0, 0.4))  # the random moment, not a proof
        toys.process.kill()
        toys.process.wait()
        wait_until(lambda toys=toys: not marked(toys.mark))


def test_even_when_the_guard_was_killed_before(start_toys) -> None:  # type: ignore[no-untyped-def]
    toys = start_toys()
    toys.ready()
    (guard,) = (pid for pid in toys.pids("toys.py") if pid != toys.process.pid)
    os.kill(guard, signal.SIGKILL)
    # The next news for the guard raises a new one.
    os.kill(leaders(toys)["plain"], signal.SIGKILL)
    wait_until(lambda: len(toys.pids("toys.py")) == 2)
    wait_until(lambda: len(leaders(toys)) == 3)
    toys.process.kill()
    wait_until(lambda: not marked(toys.mark))


def test_only_warnings_reach_the_console_and_all_lines_the_log(start_toys) -> None:  # type: ignore[no-untyped-def]
    toys = start_toys()
    toys.ready()
    toys.process.terminate()
    toys.process.wait(timeout=20)
    assert "plain │ WARNING plain listens" in (toys.folder / "console").read_text()
    assert "WARNING plain listens" in (toys.folder / "logs" / "plain.log").read_text()


def test_a_log_turns_by_size(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = ServiceLog(tmp_path, "web", largest=1000, kept=2)
    for number in range(100):
        log.write(b"line %03d %s" % (number, b"x" * 40))
    log.write("ERROR œuvre".encode())
    log.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["web.log", "web.log.1", "web.log.2"]
    assert all(path.stat().st_size <= 1000 for path in tmp_path.iterdir())
    assert capsys.readouterr().err == "    web │ ERROR œuvre\n"
