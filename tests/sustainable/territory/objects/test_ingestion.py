"""Hostile and odd messages: nothing raises, nothing is stored that cannot be, everything is visible."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from beffroi.base.access.models import ApiKey, digest_of
from beffroi.base.intake.inbox import Inbox
from beffroi.base.intake.public import inbox_path
from beffroi.sustainable.territory.objects.actions import create_device_token, retire_thing
from beffroi.sustainable.territory.objects.engine import payload
from beffroi.sustainable.territory.objects.ingestion import handle_batch
from beffroi.sustainable.territory.objects.models import QuarantinedReading
from beffroi.sustainable.territory.objects.telemetry import telemetry

from ..conftest import NIGHT, Sector, message

NOW = round(NIGHT.timestamp() * 1000)


def stored(sector: Sector) -> list[float]:
    return telemetry().read(sector.stream.number, 0, 2**52).values.tolist()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"not json", "not_json"),
        (b"", "not_json"),
        (b"[]", "not_json"),
        (b'"flow"', "not_json"),
        (b"[" * 100_000, "not_json"),
        (b'\xff\xfe{"flow": 1}', "not_json"),
        (b'{"flow": NaN}', "not_finite"),
        (b'{"flow": -Infinity}', "not_finite"),
        (b'{"flow": 1e999}', "not_finite"),
        (b'{"flow": "17"}', "not_a_number"),
        (b'{"flow": true}', "not_a_number"),
        (b'{"flow": null}', "not_a_number"),
        (b'{"flow": [1]}', "not_a_number"),
        (b'{"debit": 17}', "unknown_key"),
        (b'{"time": "hier", "flow": 1}', "bad_time"),
        (b'{"time": "2026-11-24T02:00:00", "flow": 1}', "bad_time"),
        (b'{"time": NaN, "flow": 1}', "bad_time"),
        (b'{"time": 0, "flow": 1}', "clock_behind"),
        (b'{"time": "1970-01-01T00:10:00Z", "flow": 1}', "clock_behind"),
        (b'{"time": "2036-02-07T06:28:16Z", "flow": 1}', "clock_ahead"),
    ],
)
def test_what_cannot_be_a_reading_is_put_aside_with_its_reason(
    sector: Sector, body: bytes, reason: str
) -> None:
    handle_batch([message(1, body, NOW)])
    (row,) = QuarantinedReading.objects.all()
    assert (row.reason, row.authority, row.domain) == (reason, sector.thing.authority, "water")
    assert stored(sector) == []


def test_the_good_values_of_a_message_are_kept_beside_the_bad(sector: Sector) -> None:
    body = [{"time": NOW, "flow": 5.5}, {"time": NOW + 1, "flow": None}, {"flow": 6.5}]
    handle_batch([message(1, json.dumps(body).encode(), NOW + 60_000)])
    assert stored(sector) == [5.5, 6.5]
    assert QuarantinedReading.objects.get().rank == 1


def test_a_reading_up_to_a_day_ahead_is_believed(sector: Sector) -> None:
    day = 86_400_000
    handle_batch([message(1, json.dumps({"time": NOW + day, "flow": 1}).encode(), NOW)])
    handle_batch([message(2, json.dumps({"time": NOW + day + 1, "flow": 2}).encode(), NOW)])
    assert stored(sector) == [1.0]


def test_a_retired_device_is_no_longer_heard(sector: Sector) -> None:
    retire_thing(sector.holder, sector.thing)
    handle_batch([message(1, b'{"flow": 1}', NOW)])
    assert stored(sector) == []
    assert QuarantinedReading.objects.get().reason == "retired"


def test_a_device_nobody_knows_is_passed_over(sector: Sector) -> None:
    assert handle_batch([message(7, b'{"flow": 1}', NOW, device="inconnu")]) == 7


def test_agents_see_what_was_put_aside_and_others_do_not(
    sector: Sector, client_for: Callable[..., Client], town: Any
) -> None:
    handle_batch([message(1, b'{"flow": "<script>"}', NOW)])
    page = reverse("objects:quarantine")
    text = client_for("agent").get(page).content.decode()
    assert "&lt;script&gt;" in text
    assert "n’est pas un nombre" in text
    assert (
        "script&gt;"
        not in client_for("agent", town.other).get(f"/a/saint-clair{page}").content.decode()
    )
    assert client_for("resident").get(page).status_code == 403


@given(st.binary(max_size=300))
def test_no_bytes_make_the_parser_raise(body: bytes) -> None:
    parsed = payload.parse(body)
    assert parsed.readings or parsed.refusals or body.strip() in (b"{}", b"[{}]")


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3),
)


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["time", "flow", "x", "\ud800", "\0"]), json_values),
        max_size=4,
    )
)
def test_no_json_makes_the_parser_raise_and_all_it_says_can_be_stored(
    content: list[dict[str, Any]],
) -> None:
    parsed = payload.parse(json.dumps(content).encode())
    for refusal in parsed.refusals:
        (refusal.key + refusal.raw).encode()
        assert "\0" not in refusal.key + refusal.raw


class TestHttp:
    @pytest.fixture
    def token(self, sector: Sector, django_capture_on_commit_callbacks: Any) -> str:
        return create_device_token(sector.holder, sector.thing)

    def post(self, body: object, token: str, **extra: Any) -> Any:
        content = body if isinstance(body, bytes) else json.dumps(body)
        return Client().post(
            "/api/v1/objects/readings",
            content,
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
            **extra,
        )

    def waiting(self) -> list[Any]:
        inbox = Inbox(inbox_path())
        try:
            return inbox.after(0, 100)
        finally:
            inbox.close()

    def test_readings_are_accepted_once_they_are_in_the_inbox(
        self, sector: Sector, token: str
    ) -> None:
        answer = self.post({"flow": 17.4}, token)
        assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "set_aside": 0})
        waiting = self.waiting()
        assert [(each.source, each.device) for each in waiting] == [("http", "debit-tanneurs")]
        handle_batch(waiting)
        assert stored(sector) == [17.4]

    @pytest.mark.parametrize(
        "body",
        [b"x", {"flow": "a"}, {"unknown": 1}, [{"flow": 1}, {"flow": None}], {}, b'{"flow": NaN}'],
    )
    def test_a_wrong_body_is_refused_whole(self, sector: Sector, token: str, body: object) -> None:
        answer = self.post(body, token)
        assert answer.status_code == 422
        assert answer["Content-Type"] == "application/problem+json"
        assert self.waiting() == []

    def test_a_clock_gone_wrong_is_told(self, sector: Sector, token: str) -> None:
        answer = self.post({"time": 0, "flow": 1}, token)
        assert answer.json() == {"accepted": 0, "set_aside": 1}

    def test_who_is_not_known_is_refused(self, sector: Sector, token: str) -> None:
        assert self.post({"flow": 1}, "wrong").status_code == 401
        assert (
            Client()
            .post("/api/v1/objects/readings", "{}", content_type="application/json")
            .status_code
            == 401
        )
        retire_thing(sector.holder, sector.thing)
        assert self.post({"flow": 1}, token).status_code == 401

    def test_too_much_at_once_is_refused(self, sector: Sector, token: str) -> None:
        assert self.post(b" " * 300_000, token).status_code == 413

    def test_another_system_writes_for_the_devices_of_its_authority_only(
        self, sector: Sector, town: Any
    ) -> None:
        for authority, key in ((town.syndicat, "k1"), (town.commune, "k2")):
            ApiKey.objects.create(
                authority=authority, name="SCADA", role="head", digest=digest_of(key)
            )
        ApiKey.objects.create(
            authority=town.syndicat, name="lecteur", role="agent", digest=digest_of("k3")
        )
        body = [{"device": "debit-tanneurs", "time": NOW, "flow": 3}]

        def send(key: str, slug: str, content: object = body) -> int:
            return int(
                Client()
                .post(
                    f"/a/{slug}/api/v1/objects/readings", json.dumps(content), content_type="application/json",
                    headers={"Authorization": f"Bearer {key}"},
                )
                .status_code
            )  # fmt: skip

        assert send("k1", "eaux-val") == 202
        assert send("k1", "vernay") == 401
        assert send("k2", "vernay") == 422
        assert send("k3", "eaux-val") == 403
        assert send("k1", "eaux-val", [{"flow": 3}]) == 422
        assert [each.device for each in self.waiting()] == ["debit-tanneurs"]

    def test_what_others_may_read(
        self, sector: Sector, send: Callable[..., Any], client_for: Callable[..., Client], town: Any
    ) -> None:
        send([1.0, 5.0, 3.0])
        address = f"/api/v1/objects/datastreams/{sector.stream.pk}/observations"
        assert Client().get(address).status_code == 404
        assert Client().get("/api/v1/objects/things").json() == {"things": []}
        agent = client_for("agent")
        body = agent.get(address).json()
        assert body["columns"] == ["time", "value"]
        assert [row[1] for row in body["rows"]] == [1.0, 5.0, 3.0]
        days = agent.get(address, {"step": "day"}).json()["rows"]
        assert days == [["2026-11-23T23:00:00Z", 1.0, 3.0, 5.0, 3]]
        assert agent.get(address, {"start": "2026-11-24T00:00:00"}).status_code == 422
        assert (
            agent.get(
                address, {"start": "2026-11-25T00:00:00Z", "end": "2026-11-24T00:00:00Z"}
            ).status_code
            == 422
        )
        sector.stream.public = True
        sector.stream.save(update_fields=["public"])
        assert Client().get(address).status_code == 200
        assert Client().get(address, headers={"Authorization": "Bearer no"}).status_code == 401
        ten_years = {"start": "2017-01-01T00:00:00Z", "end": "2026-11-24T00:00:00Z"}
        assert Client().get(address, ten_years).status_code == 422
        assert agent.get(address, ten_years).status_code == 200
        assert Client().get(address, {"start": "0001-01-01T00:00:00Z"}).status_code == 422
        things = Client().get("/api/v1/objects/things", {"domain": "water"}).json()["things"]
        assert things[0]["datastreams"][0]["latest_value"] == 3.0


def test_late_latest(sector: Sector, send: Callable[..., Any]) -> None:
    send([1.0], datetime(2026, 11, 24, 5, tzinfo=UTC))
    send([9.0], datetime(2026, 11, 24, 4, tzinfo=UTC))
    sector.stream.refresh_from_db()
    assert sector.stream.latest_value == 1.0
