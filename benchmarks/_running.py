"""A town started as a person starts it: `./run`, a fresh data folder, free ports of the loopback."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MARK = "BEFFROI_BENCH_MARK"
TICK = os.sysconf("SC_CLK_TCK")


class BenchFailed(Exception):
    """The bench could not be run to its end; the message says why."""


class NotReady(BenchFailed):
    """The town did not start in time; the message holds what it printed."""


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now, all different."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


@dataclass
class Started:
    """How long a start took, seconds: until the first page, and until the program said it is ready."""

    first_page: float
    ready: float


class RunningTown:
    """One town; use it in a `with`: whatever happens, nothing of it is left."""

    def __init__(self) -> None:
        # A short path: unix sockets have addresses of 107 bytes at most.
        self.data = Path(tempfile.mkdtemp(prefix="bf-", dir="/tmp"))
        self.port, self.mqtt_port = free_ports(2)
        self._mark = uuid.uuid4().hex
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> RunningTown:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.stop()
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.data, ignore_errors=True)
        self._console.unlink(missing_ok=True)

    @property
    def _console(self) -> Path:
        return self.data.with_suffix(".console")

    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("BEFFROI_")}
        if state := os.environ.get("BEFFROI_STATE"):
            kept["BEFFROI_STATE"] = state
        return kept | {"BEFFROI_MQTT_PORT": str(self.mqtt_port), MARK: self._mark}

    def start(self, patience: float = 180.0) -> Started:
        """Start and wait. Raises NotReady."""
        begun = time.perf_counter()
        with self._console.open("wb") as console:
            self._process = subprocess.Popen(
                [str(ROOT / "run"), "--port", str(self.port), "--data", str(self.data)],
                cwd=ROOT, env=self.environment(), stdin=subprocess.DEVNULL, stdout=console,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        first_page = 0.0
        while time.perf_counter() - begun < patience:
            if self._process.poll() is not None:
                break
            if not first_page and self._answers():
                first_page = time.perf_counter() - begun
            if first_page and "Beffroi est prêt" in self._console.read_text("utf-8", "replace"):
                return Started(first_page, time.perf_counter() - begun)
            time.sleep(0.05)
        raise NotReady(self._console.read_text("utf-8", "replace")[-3000:])

    def _answers(self) -> bool:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            connection.request("GET", "/")
            status = connection.getresponse().status
            connection.close()
        except (OSError, http.client.HTTPException):
            return False
        return status == 200

    def stop(self, patience: float = 30.0) -> float:
        """TERM, and the seconds until the end."""
        if self._process is None or self._process.poll() is not None:
            return 0.0
        begun = time.perf_counter()
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(patience)
        return time.perf_counter() - begun

    def facts(self) -> dict[str, Any]:
        """`town.json`: accounts and tokens of the devices."""
        found: dict[str, Any] = json.loads((self.data / "town.json").read_text("utf-8"))
        return found

    def processes(self) -> dict[int, str]:
        """Every process of this town, by its environment: pid → name of the service."""
        found: dict[int, str] = {}
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            try:
                if f"{MARK}={self._mark}".encode() in (folder / "environ").read_bytes().split(
                    b"\0"
                ):
                    words = (folder / "cmdline").read_bytes().split(b"\0")
                    found[int(folder.name)] = _service(words)
            except (OSError, ValueError):
                continue
        return found

    def cpu_seconds(self) -> dict[str, float]:
        """CPU used so far by each service, of its living processes."""
        used: dict[str, float] = {}
        for pid, name in self.processes().items():
            with contextlib.suppress(OSError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                used[name] = used.get(name, 0.0) + (int(fields[11]) + int(fields[12])) / TICK
        return used


def _service(words: list[bytes]) -> str:
    for word in words:
        if word.startswith(b"beffroi.project.services."):
            return word.rpartition(b".")[2].decode()
        if word.startswith(b"beffroi.project.town"):
            return "town"
    return "supervisor"
