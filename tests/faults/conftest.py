"""Processes of the product that are killed at any moment, on a data folder of their own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
Environment = dict[str, str]


def wait_for(condition: Callable[[], object], seconds: float = 60, what: str = "it") -> None:
    """Come back when the condition holds; fail after a generous time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen"
        time.sleep(0.01)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an empty, migrated database; copied for each test."""
    folder = tmp_path_factory.mktemp("migrated")
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--verbosity", "0"],
        check=True,
        env=environment_for(folder),
        timeout=120,
    )
    return folder


def environment_for(folder: Path) -> Environment:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BEFFROI_")}
    return kept | {
        "BEFFROI_DATA": str(folder),
        "BEFFROI_MQTT_RATE": "1000000",
        "DJANGO_SETTINGS_MODULE": os.environ.get(
            "DJANGO_SETTINGS_MODULE", "beffroi.project.settings"
        ),
        "PYTHONPATH": os.pathsep.join(
            [str(CHECKOUT), str(CHECKOUT / "src"), os.environ.get("PYTHONPATH", "")]
        ),
    }


@pytest.fixture
def environment(migrated: Path, tmp_path: Path) -> Environment:
    """The environment of an installation in a fresh folder."""
    shutil.copytree(migrated, tmp_path / "data")
    return environment_for(tmp_path / "data")


class Victim:
    """A process that is killed again and again, and started again each time."""

    def __init__(self, command: list[str], environment: Environment) -> None:
        self._command = command
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self.kills = 0

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, *self._command], env=self._environment, stdin=subprocess.DEVNULL
        )

    def kill(self) -> None:
        assert self._process is not None
        assert self._process.poll() is None, "it ended by itself"
        self._process.kill()
        self._process.wait()
        self.kills += 1

    def end(self) -> int:
        """Ask it to stop; its exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(60)

    def dispose(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()


@pytest.fixture
def victim(environment: Environment) -> Iterator[Callable[..., Victim]]:
    """victim("-m", "module", …): not yet started."""
    made: list[Victim] = []

    def make(*command: str, **more: str) -> Victim:
        made.append(Victim(list(command), environment | more))
        return made[-1]

    yield make
    for one in made:
        one.dispose()


class Nursery:
    """Forks programs of `processes.py`; see there."""

    def __init__(self, environment: Environment) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.processes"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.alive: set[int] = set()

    def start(self, program: str) -> int:
        pid = self._ask(f"start {program}")
        self.alive.add(pid)
        return pid

    def kill(self, pid: int) -> None:
        self._end(pid, signal.SIGKILL, -signal.SIGKILL)

    def stop(self, pid: int) -> None:
        """Ask it to stop, and see that it does so without an error."""
        self._end(pid, signal.SIGTERM, 0)

    def close(self) -> None:
        for pid in list(self.alive):
            self.kill(pid)
        self._process.kill()
        self._process.communicate()

    def _end(self, pid: int, number: signal.Signals, expected: int) -> None:
        self.alive.discard(pid)
        os.kill(pid, number)
        assert self._ask(f"wait {pid}") == expected, "it ended by itself"

    def _ask(self, command: str) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@pytest.fixture
def nursery(environment: Environment) -> Iterator[Nursery]:
    made = Nursery(environment)
    yield made
    made.close()
