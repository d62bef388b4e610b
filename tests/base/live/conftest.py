"""A real hub process before a real granian, and raw sockets to speak with them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from beffroi.base.live import client
from beffroi.base.live.tokens import sign

ROOT = Path(__file__).resolve().parents[3]
KEY = "a key for tests only"
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], Any], seconds: float = 20.0) -> Any:
    """The first true value of `condition`; fails after a generous time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"not within {seconds} s: {condition}")


class Connection:
    """A client that says exactly the bytes it is told."""

    def __init__(self, port: int, timeout: float = 20.0) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.received = b""

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def say(self, data: bytes) -> None:
        self.socket.sendall(data)

    def more(self) -> bool:
        data = self.socket.recv(65536)
        self.received += data
        return bool(data)

    def until(self, mark: bytes) -> bytes:
        """Everything up to `mark` included, taken out of what was received."""
        while mark not in self.received:
            if not self.more():
                raise AssertionError(f"closed before {mark!r}: {self.received[-300:]!r}")
        found, _, self.received = self.received.partition(mark)
        return found + mark

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        """One answer with a Content-Length: status, headers, body."""
        head = self.until(b"\r\n\r\n").decode("latin-1")
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        length = int(headers.get("content-length", 0))
        while len(self.received) < length:
            if not self.more():
                raise AssertionError("closed inside the body")
        body, self.received = self.received[:length], self.received[length:]
        return int(first.split()[1]), headers, body

    def everything(self) -> bytes:
        """All bytes until the other side closes."""
        while self.more():
            pass
        return self.received

    def ask(
        self, target: str, *headers: str, method: str = "GET", body: bytes = b""
    ) -> tuple[int, dict[str, str], bytes]:
        lines = [f"{method} {target} HTTP/1.1", "Host: localhost", *headers]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        self.say("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return self.answer()


@dataclass
class Event:
    id: str
    data: str
    kind: str


class Stream(Connection):
    """A subscriber."""

    def __init__(self, port: int, query: str, *headers: str) -> None:
        super().__init__(port)
        lines = [f"GET /.well-known/mercure?{query} HTTP/1.1", "Host: localhost", *headers]
        self.say("\r\n".join(lines).encode() + b"\r\n\r\n")
        self.head = self.until(b"\r\n\r\n").decode()
        if self.head.split()[1] == "200":
            self.retry = self.until(b"\n\n")

    def event(self) -> Event:
        while True:
            block = self.until(b"\n\n").decode()
            fields = [line.partition(": ")[::2] for line in block.strip().split("\n")]
            if any(name == "data" for name, _ in fields):
                single = dict(fields)
                data = "\n".join(value for name, value in fields if name == "data")
                return Event(single.get("id", ""), data, single.get("event", ""))

    def events(self, count: int) -> list[Event]:
        return [self.event() for _ in range(count)]


@dataclass
class Origin:
    """One public origin: live, and granian behind it unless `web` is False."""

    folder: Path
    port: int
    options: dict[str, Any] = field(default_factory=dict)
    live: subprocess.Popen[bytes] | None = None
    web: subprocess.Popen[bytes] | None = None

    @property
    def internal(self) -> Path:
        return self.folder / "live.sock"

    @property
    def web_socket(self) -> Path:
        return self.folder / "web.sock"

    def start_live(self) -> None:
        settings = {
            "upstream_socket": str(self.web_socket),
            "internal_socket": str(self.internal),
            "log_path": str(self.folder / "hub.sqlite3"),
            "key": KEY,
            "port": self.port,
            **self.options,
        }
        self.live = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("launch.py")), json.dumps(settings)],
            env=ENVIRONMENT,
            stderr=(self.folder / "live.log").open("ab"),
        )
        wait_until(self._answers)

    def _answers(self) -> bool:
        assert self.live is not None
        assert self.live.poll() is None, (self.folder / "live.log").read_text()
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5):
                return self.internal.exists()
        except OSError:
            return False

    def start_web(self) -> None:
        self.web_socket.unlink(missing_ok=True)
        command = [
            str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--uds", str(self.web_socket),
            "--blocking-threads", "4", "--no-ws", "tests.base.live.application:application",
        ]  # fmt: skip
        self.web = subprocess.Popen(
            command, env=ENVIRONMENT, cwd=ROOT, stdout=(self.folder / "web.log").open("ab"),
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        wait_until(self.web_answers)

    def web_answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self.web_socket))
            except OSError:
                return False
        return True

    def stop_web(self) -> None:
        if self.web is not None:
            os.killpg(self.web.pid, signal.SIGKILL)
            self.web.wait()
            self.web = None

    def kill_live(self) -> None:
        assert self.live is not None
        self.live.kill()
        self.live.wait()

    def stop(self) -> None:
        self.stop_web()
        if self.live is not None and self.live.poll() is None:
            self.live.terminate()
            self.live.wait(timeout=20)

    def connect(self) -> Connection:
        return Connection(self.port)

    def subscribe(self, query: str, *headers: str) -> Stream:
        return Stream(self.port, query, *headers)

    def publish(self, topic: str, data: str, id: str, private: bool = False) -> str:
        return client.publish(self.internal, [topic], data, id, private=private)

    def figure(self, name: str) -> float:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(self.internal))
            line.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            text = b""
            while part := line.recv(65536):
                text += part
        found = [row for row in text.decode().splitlines() if row.startswith(name + " ")]
        return float(found[0].split()[1])


def token(**mercure: list[str]) -> str:
    return sign({"mercure": mercure}, KEY.encode())


@pytest.fixture(scope="module")
def start_origin() -> Iterator[Callable[..., Origin]]:
    """start_origin(web=True, **settings of live) -> Origin, stopped at the end of the module."""
    started: list[Origin] = []

    def start(web: bool = False, **options: Any) -> Origin:
        origin = Origin(Path(tempfile.mkdtemp(prefix="live-")), free_port(), options)
        started.append(origin)
        if web:
            origin.start_web()
        origin.start_live()
        return origin

    yield start
    for origin in started:
        origin.stop()
        shutil.rmtree(origin.folder)


@pytest.fixture(scope="module")
def origin(start_origin: Callable[..., Origin]) -> Origin:
    return start_origin(web=True)


@pytest.fixture(scope="module")
def hub(start_origin: Callable[..., Origin]) -> Origin:
    return start_origin()
