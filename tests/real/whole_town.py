"""A whole town started as an installation starts it: `beffroi up`, with real processes."""

from __future__ import annotations

import atexit
import functools
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

from tests.project.processes import MARK, kill_marked, marked, wait_until

ROOT = Path(__file__).resolve().parents[2]
STATE = Path(os.environ.get("BEFFROI_STATE", ROOT / ".beffroi"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(data: Path, **settings: str) -> dict[str, str]:
    """The environment of a command of the product, with nothing of the test run's own settings."""
    clean = {name: text for name, text in os.environ.items() if not name.startswith("BEFFROI_")}
    return {
        **clean,
        "PYTHONPATH": str(ROOT / "src"),
        "BEFFROI_DATA": str(data),
        "BEFFROI_STATE": str(STATE),
        "BEFFROI_DEMO": "0",
        "BEFFROI_MQTT_PORT": str(free_port()),
        **settings,
    }


def beffroi(data: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "beffroi.project.cli", *words],
        env=environment(data, **settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@functools.cache
def _migrated() -> Path:
    """A data folder with an empty, migrated database: made once, copied for each town."""
    folder = Path(tempfile.mkdtemp(prefix="migrated-"))
    owner = os.getpid()
    atexit.register(lambda: os.getpid() == owner and shutil.rmtree(folder, ignore_errors=True))
    subprocess.run(
        [sys.executable, "-m", "beffroi.project.operations.upgrade"],
        env=environment(folder),
        check=True,
        capture_output=True,
        timeout=300,
    )
    return folder


def empty_town() -> Path:
    """A fresh data folder that needs no migration."""
    folder = Path(tempfile.mkdtemp(prefix="town-"))
    shutil.copytree(_migrated(), folder, dirs_exist_ok=True)
    return folder


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class WholeTown:
    def __init__(self, data: Path | None = None, port: int | None = None, **settings: str) -> None:
        self.folder = data or empty_town()
        self.port = port or free_port()
        self.settings = settings
        self.mark = uuid.uuid4().hex
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def console(self) -> str:
        return (self.folder.parent / f"{self.folder.name}.console").read_text()

    def start(self) -> WholeTown:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "beffroi.project.cli", "up"],
            env={
                **environment(self.folder, BEFFROI_PORT=str(self.port), **self.settings),
                MARK: self.mark,
            },
            stdout=(self.folder.parent / f"{self.folder.name}.console").open("wb"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        return self

    def ready(self, seconds: float = 60.0) -> WholeTown:
        def answers() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, self.console
            return "Beffroi est prêt" in self.console

        wait_until(answers, seconds)
        return self

    def pids(self, word: str = "") -> list[int]:
        return [pid for pid, command in marked(self.mark).items() if word in command]

    def get(self, path: str, **headers: str) -> Answer:
        """One page, as sent: no redirect is followed. Header names with `_` for `-`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(
                "GET",
                path,
                headers={name.replace("_", "-"): text for name, text in headers.items()},
            )
            response = connection.getresponse()
            found = {name.lower(): text for name, text in response.getheaders()}
            return Answer(response.status, found, response.read())
        finally:
            connection.close()

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def remove(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.stop()
        kill_marked(self.mark)
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder.parent / f"{self.folder.name}.console").unlink(missing_ok=True)
