"""The public origin before a real granian: what passes, what is refused, what happens when web is away."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Connection, Origin, wait_until
from .test_heads import HOSTILE

pytestmark = pytest.mark.peer


def resident_bytes(pid: int, name: str = "VmRSS") -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split(f"{name}:")[1].split()[0]) * 1024


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_head_is_answered_and_the_connection_closed(origin: Origin, name: str) -> None:
    head, status = HOSTILE[name]
    with origin.connect() as connection:
        connection.say(head)
        answer = connection.everything()
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"Connection: close" in answer
    assert answer.count(b"Content-Length: ") == 1


def test_a_head_that_never_ends_is_refused_by_its_size(origin: Origin) -> None:
    with origin.connect() as connection:
        with contextlib.suppress(ConnectionError):
            connection.say(b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 40_000)
        assert connection.everything().startswith(b"HTTP/1.1 431 ")


def test_a_bare_line_feed_is_refused_before_the_end_of_the_head(origin: Origin) -> None:
    with origin.connect() as connection:
        connection.say(b"GET / HTTP/1.1\nHost: a\n\n")
        assert connection.everything().startswith(b"HTTP/1.1 400 ")


def test_page_then_hub_on_one_connection(origin: Origin) -> None:
    with origin.connect() as connection:
        for _ in range(3):
            status, _, body = connection.ask("/bonjour")
            assert (status, body) == (200, b"page /bonjour")
        assert connection.ask("/live/healthz")[2] == b'{"status":"ok"}'
        assert connection.ask("/encore")[2] == b"page /encore"
        connection.say(b"GET /.well-known/mercure?topic=/one HTTP/1.1\r\nHost: a\r\n\r\n")
        connection.until(b"text/event-stream")
        connection.until(b"retry: ")
        origin.publish("/one", "hello", "page-then-hub")
        connection.until(b"data: hello\n\n")


def test_pipelined_requests_are_answered_in_order(origin: Origin) -> None:
    with origin.connect() as connection:
        targets = ["/a", "/live/healthz", "/b", "/c"]
        connection.say(
            b"".join(f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode() for target in targets)
        )
        bodies = [connection.answer()[2] for _ in targets]
    assert bodies == [b"page /a", b'{"status":"ok"}', b"page /b", b"page /c"]


def test_a_client_that_has_said_everything_still_gets_its_answers(origin: Origin) -> None:
    with origin.connect() as connection:
        connection.say(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n")
        connection.socket.shutdown(socket.SHUT_WR)
        answer = connection.everything()
    assert b"page /a" in answer
    assert b"page /b" in answer


def test_what_a_stranger_claims_about_its_origin_is_dropped(origin: Origin) -> None:
    forged = [
        "X-Forwarded-For: 1.2.3.4", "X_Forwarded_For: 1.2.3.4", "X-Forwarded-Proto: https", "X-Forwarded-Host: b",
        "Forwarded: for=1.2.3.4", "X-Real-IP: 1.2.3.4", "X_Anything: 1.2.3.4",
        "Connection: x-kept-not", "X-Kept-Not: 1.2.3.4",
    ]  # fmt: skip
    with origin.connect() as connection:
        _, _, body = connection.ask("/echo?a=b", *forged, "X-Kept: yes", "Accept-Language: fr")
    environ = json.loads(body)
    assert "1.2.3.4" not in json.dumps(environ)
    assert "HTTP_X_FORWARDED_HOST" not in environ
    assert environ["HTTP_X_FORWARDED_FOR"] == "unknown, 127.0.0.1"
    assert environ["HTTP_X_FORWARDED_PROTO"] == "http"
    assert environ["HTTP_X_KEPT"] == "yes"
    assert environ["HTTP_HOST"] == "localhost"
    assert environ["QUERY_STRING"] == "a=b"


def test_a_trusted_proxy_is_believed_from_the_right(
    start_origin: Callable[..., Origin], origin: Origin
) -> None:
    trusting = start_origin(
        trusted_proxies="127.0.0.1, 10.0.0.0/8", upstream_socket=str(origin.web_socket)
    )
    claims = {
        "9.9.9.9, 5.6.7.8": "5.6.7.8",
        "9.9.9.9, 5.6.7.8, 10.1.2.3": "5.6.7.8",
        "9.9.9.9, nonsense": "127.0.0.1",
        "10.1.2.3": "127.0.0.1",
    }
    with trusting.connect() as connection:
        for claimed, believed in claims.items():
            _, _, body = connection.ask(
                "/echo", f"X-Forwarded-For: {claimed}", "X-Forwarded-Proto: https"
            )
            environ = json.loads(body)
            assert environ["HTTP_X_FORWARDED_FOR"] == f"unknown, {believed}"
            assert environ["HTTP_X_FORWARDED_PROTO"] == "https"


def test_bodies_of_every_size_arrive_whole(origin: Origin) -> None:
    with origin.connect() as connection:
        for size in (1, 100, 65_536, 256 * 1024, 256 * 1024 + 1, 3_000_000):
            body = os.urandom(size)
            assert (
                connection.ask("/hash", method="POST", body=body)[2]
                == hashlib.sha256(body).hexdigest().encode()
            )


def test_expect_continue_is_answered(origin: Origin) -> None:
    with origin.connect() as connection:
        connection.say(
            b"POST /hash HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
        )
        assert connection.until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.say(b"hello")
        assert connection.answer()[2] == hashlib.sha256(b"hello").hexdigest().encode()


def test_a_large_upload_passes_in_little_memory(origin: Origin) -> None:
    assert origin.live is not None
    before = resident_bytes(origin.live.pid, "VmHWM")
    block = os.urandom(1024 * 1024)
    digest = hashlib.sha256()
    with origin.connect() as connection:
        connection.say(
            b"POST /hash HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (200 * len(block))
        )
        for _ in range(200):
            connection.say(block)
            digest.update(block)
        assert connection.answer()[2] == digest.hexdigest().encode()
    assert resident_bytes(origin.live.pid, "VmHWM") - before < 16 * 1024 * 1024


@pytest.mark.parametrize("path", ["/blocks", "/sized"])
def test_a_large_download_waits_for_a_slow_reader(origin: Origin, path: str) -> None:
    assert origin.live is not None
    before = resident_bytes(origin.live.pid, "VmHWM")
    with origin.connect() as connection:
        connection.say(f"GET {path}?1600 HTTP/1.0\r\n\r\n".encode())
        connection.until(b"\r\n\r\n")
        # Not read for a while: the answer must wait in web, not in the front.
        wait_until(lambda: origin.figure("beffroi_live_connections") >= 2)
        digest = hashlib.sha256(connection.received)
        size = len(connection.received)
        while part := connection.socket.recv(262_144):
            digest.update(part)
            size += len(part)
    block = bytes(range(256)) * 256
    assert size == 1600 * len(block)
    assert digest.hexdigest() == hashlib.sha256(block * 1600).hexdigest()
    assert resident_bytes(origin.live.pid, "VmHWM") - before < 16 * 1024 * 1024


def test_an_unsized_answer_is_chunked_and_the_connection_goes_on(origin: Origin) -> None:
    with origin.connect() as connection:
        connection.say(b"GET /blocks?1 HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b"transfer-encoding: chunked" in connection.until(b"\r\n\r\n").lower()
        connection.until(b"\r\n0\r\n\r\n")
        assert connection.ask("/after")[2] == b"page /after"


def test_answers_without_a_body(origin: Origin) -> None:
    with origin.connect() as connection:
        connection.say(b"HEAD /sized?4 HTTP/1.1\r\nHost: a\r\n\r\n")
        head = connection.until(b"\r\n\r\n")
        assert b"content-length: 262144" in head.lower()
        assert connection.ask("/empty")[0] == 204
        assert connection.ask("/after")[2] == b"page /after"


def test_http_1_0_is_answered_and_closed(origin: Origin) -> None:
    with origin.connect() as connection:
        connection.say(b"GET /old HTTP/1.0\r\nHost: a\r\n\r\n")
        answer = connection.everything()
    assert b"Connection: close" in answer
    assert answer.endswith(b"page /old")
    assert b"chunked" not in answer.lower()


def test_two_clients_never_see_each_other(origin: Origin) -> None:
    with origin.connect() as slow, origin.connect() as quick:
        slow.say(b"GET /slow?0.3 HTTP/1.1\r\nHost: a\r\n\r\n")
        assert quick.ask("/quick")[2] == b"page /quick"
        assert slow.answer()[2] == b"at last"


def test_the_private_socket_forwards_nothing_and_the_public_one_shows_no_figures(
    origin: Origin,
) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(origin.internal))
        line.sendall(b"GET /page HTTP/1.1\r\nHost: a\r\n\r\n")
        assert line.recv(1000).startswith(b"HTTP/1.1 404 ")
    with origin.connect() as connection:
        assert connection.ask("/live/metrics")[0] == 404
        assert connection.ask("/metrics")[2] == b"page /metrics"
    assert origin.internal.stat().st_mode & 0o077 == 0


def test_mutated_requests_never_confuse_the_front(origin: Origin) -> None:
    """Good requests with bytes changed, dropped and doubled, several on a connection."""
    choice = random.Random(20261123)
    good = (
        b"GET /echo?a=b HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\nCookie: c=d\r\n\r\n"
        b"POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello"
        b"GET /.well-known/mercure HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    for _ in range(400):
        block = bytearray(good)
        for _ in range(choice.randrange(1, 6)):
            place = choice.randrange(len(block))
            what = choice.randrange(3)
            if what == 0:
                block[place] = choice.randrange(256)
            elif what == 1:
                del block[place : place + choice.randrange(1, 4)]
            else:
                block[place:place] = block[place : place + choice.randrange(1, 30)]
        with origin.connect() as connection, contextlib.suppress(ConnectionError):
            connection.say(bytes(block))
            connection.socket.shutdown(socket.SHUT_WR)
            answers = connection.everything()
            assert not answers or answers.startswith(b"HTTP/1.1 ")
    with origin.connect() as connection:
        assert connection.ask("/after")[2] == b"page /after"
    assert "Traceback" not in (origin.folder / "live.log").read_text()


# Deadlines and limits ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def hasty(start_origin: Callable[..., Origin], origin: Origin) -> Origin:
    return start_origin(
        head_deadline=0.4, idle_deadline=0.4, body_deadline=0.4, body_rate=1e6, answer_deadline=0.6, linger=0.4,
        upstream_socket=str(origin.web_socket),
    )  # fmt: skip


def say_slowly(connection: Connection, data: bytes) -> bytes:
    """One byte at a time until the other side has had enough; what it answered."""
    connection.socket.settimeout(0.02)
    with contextlib.suppress(ConnectionError):
        for byte in data:
            connection.say(bytes([byte]))
            try:
                if not connection.more():
                    break
            except TimeoutError:
                continue
            if b"\r\n\r\n" in connection.received:
                break
    return connection.received


def test_a_head_that_drips_is_cut(hasty: Origin) -> None:
    with hasty.connect() as connection:
        answer = say_slowly(connection, b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 4000)
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_body_that_drips_is_cut(hasty: Origin) -> None:
    with hasty.connect() as connection:
        connection.say(b"POST /hash HTTP/1.1\r\nHost: a\r\nContent-Length: 4000\r\n\r\n")
        answer = say_slowly(connection, b"a" * 4000)
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_slow_uploads_never_take_all_of_web(
    start_origin: Callable[..., Origin], origin: Origin
) -> None:
    narrow = start_origin(uploads=2, upstream_socket=str(origin.web_socket))
    begun = b"POST /hash HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(narrow.connect()) for _ in range(4)]
        for connection in slow:
            connection.say(begun)
        refused = [connection for connection in slow[2:] if connection.answer()[0] == 503]
        assert len(refused) == 2
        with narrow.connect() as reader:
            assert reader.ask("/page")[2] == b"page /page"
        for connection in slow[:2]:
            connection.say(b"a" * 1_000_000)
            assert connection.answer()[0] == 200
        for connection in slow[:2]:
            connection.say(begun + b"a" * 1_000_000)
            assert connection.answer()[0] == 200


def test_an_idle_connection_is_closed(hasty: Origin) -> None:
    with hasty.connect() as connection:
        assert connection.ask("/a")[0] == 200
        assert connection.everything() == b""


def test_an_answer_that_does_not_come_is_504(hasty: Origin) -> None:
    with hasty.connect() as connection:
        status, headers, body = connection.ask("/slow?3", "Accept: text/html")
    assert status == 504
    assert headers["retry-after"]
    assert "tarde trop" in body.decode()


def test_an_idle_way_to_web_is_given_back(origin: Origin) -> None:
    def ways() -> int:
        rows = (row.split() for row in Path("/proc/net/unix").read_text().splitlines())
        return sum(row[-1] == str(origin.web_socket) and row[5] == "03" for row in rows)

    with origin.connect() as connection:
        assert connection.ask("/a")[0] == 200
        assert ways() >= 1
        wait_until(lambda: ways() == 0)
        assert connection.ask("/b")[2] == b"page /b"


def test_one_address_takes_only_its_share(start_origin: Callable[..., Origin]) -> None:
    strict = start_origin(
        unlimited="", connections_per_address=3, requests_per_second=1, request_burst=10
    )
    with contextlib.ExitStack() as stack:
        kept = [stack.enter_context(strict.connect()) for _ in range(3)]
        for connection in kept:
            assert connection.ask("/live/healthz")[0] == 200
        with strict.connect() as refused:
            assert refused.everything().startswith(b"HTTP/1.1 429 ")
        statuses = [kept[0].ask("/live/healthz")[0] for _ in range(7)]
        status, headers, _ = kept[0].ask("/live/healthz")
    assert statuses == [200] * 7
    assert status == 429
    assert int(headers["retry-after"]) >= 1
    # Those who left make room again.
    wait_until(lambda: strict.figure("beffroi_live_connections") == 1)
    with strict.connect() as again:
        assert again.ask("/live/healthz")[0] in {200, 429}


def test_a_body_over_the_limit_is_refused_unread(start_origin: Callable[..., Origin]) -> None:
    small = start_origin(max_body=1000)
    with small.connect() as connection:
        connection.say(b"POST /hash HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n")
        assert connection.everything().startswith(b"HTTP/1.1 413 ")


# Web away ---------------------------------------------------------------------------------


def test_a_page_says_that_web_restarts_and_then_it_is_back(
    start_origin: Callable[..., Origin],
) -> None:
    origin = start_origin(web=True)
    with origin.connect() as before:
        first = before.ask("/pid")[2]
        origin.stop_web()
        # The same connection: its way to web is dead.
        status, headers, body = before.ask("/pid", "Accept: text/html,*/*")
        assert status == 502
        assert headers["retry-after"]
        page = body.decode()
        assert '<html lang="fr">' in page
        assert "Le service redémarre" in page
        assert '<section lang="en">' in page
    with origin.connect() as api:
        status, headers, body = api.ask("/api/v1/things", "Accept: application/json")
        assert (status, headers["content-type"]) == (502, "application/problem+json")
        assert json.loads(body)["status"] == 502
    with origin.subscribe("topic=/still") as stream:
        origin.publish("/still", "here", "while-web-is-away")
        assert stream.event().data == "here"
    origin.start_web()
    with origin.connect() as after:
        assert after.ask("/pid")[2] != first


def test_a_request_is_repeated_only_when_nothing_can_be_done_twice(
    start_origin: Callable[..., Origin],
) -> None:
    origin = start_origin(web=True, upstream_idle=60.0)
    with origin.connect() as reading, origin.connect() as writing:
        for connection in (reading, writing):
            assert connection.ask("/pid")[0] == 200
        origin.stop_web()
        origin.start_web()
        assert reading.ask("/pid")[0] == 200
        assert writing.ask("/body", method="POST", body=b"once")[0] in {200, 502}


def test_an_answer_cut_in_the_middle_is_seen_as_cut(start_origin: Callable[..., Origin]) -> None:
    origin = start_origin(web=True)
    with origin.connect() as connection:
        connection.say(b"GET /blocks?100000 HTTP/1.1\r\nHost: a\r\n\r\n")
        connection.until(b"\r\n\r\n")
        origin.stop_web()
        with contextlib.suppress(ConnectionError):
            while connection.more():
                connection.received = connection.received[-20:]
        assert not connection.received.endswith(b"0\r\n\r\n")


def test_stopping_lets_a_running_request_finish(
    start_origin: Callable[..., Origin], origin: Origin
) -> None:
    leaving = start_origin(upstream_socket=str(origin.web_socket))
    assert leaving.live is not None
    with (
        leaving.connect() as busy,
        leaving.connect() as idle,
        leaving.subscribe("topic=/x") as stream,
    ):
        busy.say(b"GET /slow?0.5 HTTP/1.1\r\nHost: a\r\n\r\n")
        wait_until(lambda: leaving.figure("beffroi_live_requests_total") >= 2)
        started = time.monotonic()
        leaving.live.terminate()
        assert idle.everything() == b""
        assert stream.everything() == b""
        assert busy.answer()[2] == b"at last"
        assert leaving.live.wait(timeout=20) == 0
    assert time.monotonic() - started < 15
