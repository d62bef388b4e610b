"""The Mercure protocol spoken to a real hub process over real sockets."""

from __future__ import annotations

import json
import os
import random
import resource
import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from beffroi.base.live import client
from beffroi.base.live.client import HubRefused, HubUnreachable
from beffroi.base.live.tokens import sign

from .conftest import KEY, Connection, Origin, token, wait_until

pytestmark = pytest.mark.peer
EXPIRED = "Authorization: Bearer " + sign({"mercure": {"publish": ["*"]}, "exp": 1}, KEY.encode())
FORM = "Content-Type: application/x-www-form-urlencoded"


def post(
    origin: Origin, fields: dict[str, str] | list[tuple[str, str]], *headers: str
) -> tuple[int, bytes]:
    with origin.connect() as connection:
        status, _, body = connection.ask(
            "/.well-known/mercure", FORM, *headers, method="POST", body=urlencode(fields).encode()
        )
    return status, body


def bearer(**mercure: list[str]) -> str:
    return f"Authorization: Bearer {token(**mercure)}"


def test_an_event_reaches_those_who_asked_for_its_topic(hub: Origin) -> None:
    with (
        hub.subscribe("topic=/notices/vernay") as exact,
        hub.subscribe("topic=/notices/%7Btown%7D") as template,
        hub.subscribe("topic=*") as everything,
        hub.subscribe("topic=/x&topic=/notices/vernay&topic=/notices/{town}&topic=*") as all_ways,
        hub.subscribe("topic=/notices/saint-clair") as other,
    ):
        assert "Content-Type: text/event-stream" in exact.head
        assert 1000 <= int(exact.retry.split(b"retry: ")[1]) <= 4000
        assert (
            hub.publish("/notices/vernay", "première ligne\nseconde\r\ntroisième", "n-1") == "n-1"
        )
        hub.publish("/notices/saint-clair", "elsewhere", "n-2")
        for stream in (exact, template, everything, all_ways):
            event = stream.event()
            assert (event.id, event.data) == ("n-1", "première ligne\nseconde\ntroisième")
        assert other.event().id == "n-2"
        for stream in (template, everything, all_ways):
            assert stream.event().id == "n-2"


def test_the_form_of_an_event(hub: Origin) -> None:
    with hub.subscribe("topic=/form") as stream:
        fields = [
            ("topic", "/form"),
            ("topic", "/also"),
            ("data", ""),
            ("type", "end"),
            ("retry", "5000"),
        ]
        status, event_id = post(hub, fields, bearer(publish=["*"]))
        assert status == 200
        assert event_id.startswith(b"urn:uuid:")
        assert stream.until(b"\n\n") == b"id: %b\nevent: end\nretry: 5000\ndata: \n\n" % event_id


@pytest.mark.parametrize(
    ("fields", "headers", "status"),
    [
        ({"topic": "/a"}, [], 401),
        ({"topic": "/a"}, ["Authorization: Bearer a.b.c"], 401),
        ({"topic": "/a"}, ["Authorization: Basic YTpi"], 401),
        ({"topic": "/a"}, [f"Authorization: Bearer {sign({'mercure': {'publish': ['*']}}, b'another key')}"], 401),
        ({"topic": "/a"}, [EXPIRED], 401),
        ({"topic": "/a"}, [bearer(subscribe=["*"])], 403),
        ({"topic": "/a"}, [bearer(publish=["/b"])], 403),
        ([("topic", "/a"), ("topic", "/b")], [bearer(publish=["/a"])], 403),
        ({"topic": "/a"}, [bearer(publish=[])], 403),
        ({"data": "no topic"}, [bearer(publish=["*"])], 400),
        ({"topic": ""}, [bearer(publish=["*"])], 400),
        ({"topic": "/a", "id": "#reserved"}, [bearer(publish=["*"])], 400),
        ({"topic": "/a", "id": "two\nlines"}, [bearer(publish=["*"])], 400),
        ({"topic": "/a", "type": "two\rlines"}, [bearer(publish=["*"])], 400),
        ({"topic": "/a", "retry": "soon"}, [bearer(publish=["*"])], 400),
        ({"topic": "/a", "data": "x" * 140_000}, [bearer(publish=["*"])], 413),
        ({"topic": "/a"}, [f"Cookie: mercureAuthorization={token(publish=['*'])}", "Origin: http://elsewhere"], 403),
        ({"topic": "/a"}, [f"Cookie: mercureAuthorization={token(publish=['*'])}"], 403),
        ({"topic": "/a"}, [f"Cookie: mercureAuthorization={token(publish=['*'])}", "Origin: http://localhost"], 200),
        ({"topic": "/a"}, [bearer(publish=["/{x}"])], 200),
    ],
)  # fmt: skip
def test_who_may_publish_what(
    hub: Origin, fields: dict[str, str] | list[tuple[str, str]], headers: list[str], status: int
) -> None:
    assert post(hub, fields, *headers)[0] == status


def test_bodies_that_are_no_form(hub: Origin) -> None:
    with hub.connect() as connection:
        assert (
            connection.ask(
                "/.well-known/mercure", "Content-Type: text/plain", method="POST", body=b"a"
            )[0]
            == 415
        )
    with hub.connect() as connection:
        answer = connection.ask(
            "/.well-known/mercure", FORM, bearer(publish=["*"]), method="POST", body=b"\xff\xfe"
        )
    assert answer[0] == 400
    with hub.connect() as connection:
        assert connection.ask("/.well-known/mercure", method="DELETE")[0] == 405


@pytest.mark.parametrize(
    "query", ["", "topic=", "topic=%00", "topic=/a{", "topic=/{a}{b}", "topic=" + "a" * 1025]
)
def test_a_subscription_that_makes_no_sense_is_refused(hub: Origin, query: str) -> None:
    assert " 400 " in hub.subscribe(query).head


def test_private_events_reach_only_those_who_may_have_them(hub: Origin) -> None:
    allowed = token(subscribe=["/conversations/a"])
    with (
        hub.subscribe("topic=/conversations/{ref}") as nobody,
        hub.subscribe(
            "topic=/conversations/{ref}", f"Authorization: Bearer {allowed}"
        ) as by_header,
        hub.subscribe(
            "topic=/conversations/{ref}", f"Cookie: a=b; mercureAuthorization={allowed}"
        ) as by_cookie,
        hub.subscribe(f"topic=/conversations/{{ref}}&authorization={allowed}") as by_query,
        hub.subscribe("topic=*", bearer(subscribe=["/conversations/{ref}"])) as by_template,
    ):
        hub.publish("/conversations/b", "for another", "p-1", private=True)
        hub.publish("/conversations/a", "for you", "p-2", private=True)
        hub.publish("/conversations/a", "for all", "p-3")
        assert nobody.event().id == "p-3"
        for stream in (by_header, by_cookie, by_query):
            assert [event.id for event in stream.events(2)] == ["p-2", "p-3"]
        assert [event.id for event in by_template.events(3)] == ["p-1", "p-2", "p-3"]
    with hub.subscribe("topic=/conversations/{ref}&lastEventID=earliest") as nobody:
        assert nobody.event().id == "p-3"


def test_a_wrong_token_is_refused_and_an_expired_cookie_only_loses_the_private_events(
    hub: Origin,
) -> None:
    assert " 401 " in hub.subscribe("topic=/a", "Authorization: Bearer x.y.z").head
    assert " 401 " in hub.subscribe("topic=/a", "Cookie: mercureAuthorization=x.y.z").head
    expired = sign({"mercure": {"subscribe": ["*"]}, "exp": time.time() - 1}, KEY.encode())
    assert " 401 " in hub.subscribe("topic=/a", f"Authorization: Bearer {expired}").head
    with hub.subscribe("topic=/expired", f"Cookie: mercureAuthorization={expired}") as stream:
        hub.publish("/expired", "secret", "e-1", private=True)
        hub.publish("/expired", "public", "e-2")
        assert stream.event().id == "e-2"


def test_a_stream_ends_with_its_token(hub: Origin) -> None:
    soon = sign({"mercure": {"subscribe": ["*"]}, "exp": time.time() + 1.5}, KEY.encode())
    with hub.subscribe("topic=/a", f"Authorization: Bearer {soon}") as stream:
        assert b"data:" not in stream.everything()


def test_a_subscriber_comes_back_and_receives_what_it_missed(hub: Origin) -> None:
    for number in range(5):
        hub.publish("/replay", str(number), f"r-{number}")
        hub.publish("/not-replay", str(number), f"nr-{number}")
    with hub.subscribe("topic=/replay", "Last-Event-ID: r-1") as by_header:
        assert "Last-Event-ID: r-1\r\n" in by_header.head
        assert [event.data for event in by_header.events(3)] == ["2", "3", "4"]
        hub.publish("/replay", "5", "r-5")
        assert by_header.event().data == "5"
    with hub.subscribe("topic=/replay&lastEventID=r-3") as by_query:
        assert [event.data for event in by_query.events(2)] == ["4", "5"]
    with hub.subscribe("topic=/replay&lastEventID=never-seen") as unknown:
        assert "Last-Event-ID: earliest\r\n" in unknown.head
        assert [event.data for event in unknown.events(6)] == list("012345")


def test_the_same_id_is_stored_once(hub: Origin) -> None:
    with hub.subscribe("topic=/once") as stream:
        for _ in range(3):
            assert hub.publish("/once", "first", "once-1") == "once-1"
        hub.publish("/once", "second", "once-2")
        assert [event.id for event in stream.events(2)] == ["once-1", "once-2"]
    with hub.subscribe("topic=/once&lastEventID=earliest") as stream:
        assert [event.id for event in stream.events(2)] == ["once-1", "once-2"]


def test_replay_joins_live_without_gap_or_double(start_origin: Callable[..., Origin]) -> None:
    hub = start_origin()
    for number in range(2000):
        if number % 200 == 0:
            hub.publish("/noise", "n", f"noise-{number}")
    stop = threading.Event()
    published: list[str] = []

    def publish() -> None:
        while not stop.is_set():
            published.append(hub.publish("/flow", str(len(published)), f"f-{len(published)}"))

    publisher = threading.Thread(target=publish)
    publisher.start()
    try:
        for _ in range(40):
            wait_until(lambda: len(published) > 10)
            start = random.randrange(len(published))
            with hub.subscribe("topic=/flow", f"Last-Event-ID: f-{start}") as stream:
                expected = len(published) - start + 20
                numbers = [int(event.data) for event in stream.events(expected)]
            assert numbers == list(range(start + 1, start + 1 + expected))
    finally:
        stop.set()
        publisher.join()


def test_replay_reaches_further_back_than_memory(start_origin: Callable[..., Origin]) -> None:
    hub = start_origin()
    hub.publish("/big", "0", "b-0")
    data = "x" * 100_000
    for number in range(1, 120):  # more than memory keeps
        hub.publish("/big", data, f"b-{number}")
    with hub.subscribe("topic=/big", "Last-Event-ID: b-0") as stream:
        assert [event.id for event in stream.events(119)] == [
            f"b-{number}" for number in range(1, 120)
        ]
        hub.publish("/big", "end", "b-end")
        assert stream.event().id == "b-end"


def test_a_slow_subscriber_is_dropped_and_misses_nothing(
    start_origin: Callable[..., Origin],
) -> None:
    hub = start_origin(client_buffer=65_536)
    data = "x" * 50_000
    with hub.subscribe("topic=/slow") as slow, hub.subscribe("topic=/slow") as quick:
        count = 0
        while not hub.figure("beffroi_live_dropped_total"):
            hub.publish("/slow", data, f"s-{count}")
            assert quick.event().id == f"s-{count}"
            count += 1
            assert count < 1000
        slow_ids = []
        try:
            while True:
                slow_ids.append(slow.event().id)
        except (AssertionError, ConnectionError):
            pass
    with hub.subscribe("topic=/slow", f"Last-Event-ID: {slow_ids[-1]}") as back:
        slow_ids += [event.id for event in back.events(count - len(slow_ids))]
    assert slow_ids == [f"s-{number}" for number in range(count)]


def test_a_heartbeat_keeps_the_stream_alive(start_origin: Callable[..., Origin]) -> None:
    hub = start_origin(heartbeat=1.0)
    with hub.subscribe("topic=/quiet") as stream:
        assert stream.until(b":\n\n") == b":\n\n"
        assert stream.until(b":\n\n") == b":\n\n"


def test_old_events_are_purged_and_the_newest_stays(start_origin: Callable[..., Origin]) -> None:
    hub = start_origin(keep_events=3)
    for number in range(10):
        hub.publish("/old", str(number), f"o-{number}")
    hub.kill_live()
    hub.start_live()  # purges at its first wake

    def kept() -> list[str]:
        with sqlite3.connect(hub.folder / "hub.sqlite3") as log:
            return [row[0] for row in log.execute("SELECT id FROM event ORDER BY position")]

    hub.publish("/old", "10", "o-10")
    wait_until(lambda: kept() == ["o-8", "o-9", "o-10"])
    with hub.subscribe("topic=/old&lastEventID=o-9") as stream:
        assert stream.event().id == "o-10"


def test_every_acknowledged_event_survives_kill_9(start_origin: Callable[..., Origin]) -> None:
    """Two publishers, a subscriber that comes back each time, ten kills at random moments."""
    hub = start_origin()
    acknowledged: list[list[str]] = [[], []]
    stop = threading.Event()

    def publish(who: int) -> None:
        number = 0
        while not stop.is_set():
            event_id = f"k-{who}-{number}"
            try:
                hub.publish("/kill", f"{who} {number}", event_id)
            except HubUnreachable:
                time.sleep(0.01)  # the hub restarts: the same id again
                continue
            acknowledged[who].append(event_id)
            number += 1

    received: list[str] = []

    def read(stream: Connection) -> None:
        try:
            while True:
                received.append(stream.event().id)  # type: ignore[attr-defined]
        except (AssertionError, OSError):
            return

    publishers = [threading.Thread(target=publish, args=(who,)) for who in (0, 1)]
    for publisher in publishers:
        publisher.start()
    for _ in range(10):
        resume = [f"Last-Event-ID: {received[-1]}"] if received else []
        reader = threading.Thread(
            target=read, args=(hub.subscribe("topic=/kill&lastEventID=earliest", *resume),)
        )
        reader.start()
        goal = len(received) + random.randrange(5, 60)
        wait_until(lambda goal=goal: len(received) >= goal)
        hub.kill_live()
        reader.join()
        hub.start_live()
    stop.set()
    for publisher in publishers:
        publisher.join()
    total = len(acknowledged[0]) + len(acknowledged[1])
    with hub.subscribe("topic=/kill", f"Last-Event-ID: {received[-1]}") as stream:
        while len(set(received)) < total:
            received.append(stream.event().id)
    assert len(received) == len(set(received)), "an event was delivered twice"
    for who in (0, 1):
        mine = [event_id for event_id in received if event_id.startswith(f"k-{who}-")]
        assert mine == acknowledged[who]
    with sqlite3.connect(hub.folder / "hub.sqlite3") as log:
        assert log.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_log_that_cannot_be_written_acknowledges_nothing(
    start_origin: Callable[..., Origin],
) -> None:
    hub = start_origin()
    hub.publish("/disk", "before", "d-1")
    assert hub.live is not None
    # As a full disk: the files of this process may not grow.
    resource.prlimit(hub.live.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
    with pytest.raises(HubRefused) as refusal:
        hub.publish("/disk", "waits", "d-2")
    assert refusal.value.status == 503
    with hub.connect() as connection:
        assert connection.ask("/live/healthz")[0] == 503
    resource.prlimit(
        hub.live.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    )
    assert hub.publish("/disk", "waits", "d-2") == "d-2"
    with hub.connect() as connection:
        assert connection.ask("/live/healthz")[0] == 200
    with hub.subscribe("topic=/disk", "Last-Event-ID: d-1") as stream:
        hub.publish("/disk", "after", "d-3")
        assert [event.id for event in stream.events(2)] == ["d-2", "d-3"]


def test_a_busy_log_makes_the_publisher_wait(start_origin: Callable[..., Origin]) -> None:
    hub = start_origin()
    holder = sqlite3.connect(hub.folder / "hub.sqlite3", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(HubUnreachable):
        client.publish(hub.internal, ["/busy"], "waits", "w-1", timeout=0.5)
    holder.execute("ROLLBACK")
    holder.close()
    with hub.subscribe("topic=/busy&lastEventID=earliest") as stream:
        assert hub.publish("/busy", "waits", "w-1") == "w-1"
        assert stream.event().id == "w-1"


def test_the_client_says_what_went_wrong(hub: Origin) -> None:
    with pytest.raises(HubUnreachable):
        client.publish(hub.folder / "nobody.sock", ["/a"], "", "x")
    with pytest.raises(HubRefused) as refusal:
        client.publish(hub.internal, [], "", "x")
    assert refusal.value.status == 400
    with pytest.raises(HubRefused) as refusal:
        client.publish(hub.internal, ["/a"], "", "x", token="not.a.token")
    assert refusal.value.status == 401
    assert client.publish(hub.internal, ["/a"], "", "x", token=token(publish=["/a"])) == "x"


def test_figures_are_readable(hub: Origin) -> None:
    with hub.subscribe("topic=/a"):
        wait_until(lambda: hub.figure("beffroi_live_subscribers") >= 1)
    assert hub.figure("beffroi_live_published_total") > 0
    assert hub.figure("beffroi_live_storing") == 1


def test_thousands_of_idle_streams(hub: Origin) -> None:
    """A tenth of what one process holds; ten thousand are measured by the bench."""
    count = 1000
    streams = []
    before = hub.figure("beffroi_live_subscribers")
    try:
        for _ in range(count):
            stream = socket.create_connection(("127.0.0.1", hub.port), timeout=20)
            stream.sendall(b"GET /.well-known/mercure?topic=/many HTTP/1.1\r\nHost: a\r\n\r\n")
            streams.append(stream)
        wait_until(lambda: hub.figure("beffroi_live_subscribers") >= before + count)
        hub.publish("/many", json.dumps({"to": "all"}), f"many-{os.getpid()}")
        for stream in streams:
            received = b""
            while b'{"to": "all"}\n\n' not in received:
                received += stream.recv(65536)
    finally:
        for stream in streams:
            stream.close()
