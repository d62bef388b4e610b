"""Pages, hub and health behind one address, with the real web process."""

from __future__ import annotations

import http.client
import os
import signal
from collections.abc import Iterator

import pytest
from tests.project.processes import wait_until

from beffroi.base.live import client

from .whole_town import WholeTown

pytestmark = pytest.mark.peer


@pytest.fixture(scope="module")
def town() -> Iterator[WholeTown]:
    started = WholeTown().start().ready()
    yield started
    started.remove()


def test_page_then_hub_then_event_on_one_connection(town: WholeTown) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", town.port, timeout=20)
    connection.request("GET", "/healthz")
    assert connection.getresponse().read() == b'{"status": "ok"}'
    own = connection.sock
    connection.request("GET", "/.well-known/mercure?topic=/notices/{town}")
    assert connection.sock is own
    stream = connection.getresponse()
    assert stream.status == 200
    assert stream.getheader("content-type") == "text/event-stream"
    client.publish(
        town.folder / "run" / "live.sock", ["/notices/vernay"], '{"a": 1}', id="one-origin-1"
    )
    lines = [stream.fp.readline() for _ in range(4)]
    assert b"id: one-origin-1\n" in lines
    assert b'data: {"a": 1}\n' in lines
    connection.close()


def test_pages_know_the_visitor_and_not_what_it_pretends(town: WholeTown) -> None:
    # Only this machine may read the figures, and not through a server that forwards for others.
    assert town.get("/metrics").status == 200
    for claim in ({"X-Forwarded-For": "127.0.0.1"}, {"Forwarded": "for=127.0.0.1"}):
        assert town.get("/metrics", **claim).status == 404


def test_a_page_says_that_web_restarts_then_it_is_back(town: WholeTown) -> None:
    (leader, *_) = sorted(town.pids("beffroi.project.services.web"))
    os.kill(leader, signal.SIGSTOP)  # it can neither answer nor be replaced yet
    for worker in town.pids("beffroi.project.services.web"):
        os.kill(worker, signal.SIGKILL)

    def status() -> int:
        return town.get("/healthz", Accept="text/html").status

    seen = {status()}
    wait_until(lambda: seen.add(status()) or 200 in seen)
    assert seen <= {200, 502}


def test_files_and_sockets_are_for_the_owner_only(town: WholeTown) -> None:
    assert (town.folder / "run").stat().st_mode & 0o077 == 0
    for name in ("run/web.sock", "run/live.sock", "hub.sqlite3", "logs/web.log"):
        assert (town.folder / name).stat().st_mode & 0o077 == 0
