"""The API: what residents may ask, what agents’ systems may, and how it refuses."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from tests.accessible.reception.appointments.conftest import new_agent

from beffroi.accessible.reception.appointments.models import Appointment
from beffroi.base.access.models import ApiKey, digest_of

CONTACT = {"family_name": "Martin", "email": "jeanne@vernay.example", "note": "Merci"}


@pytest.fixture
def api():
    client = Client()

    def call(method: str, path: str, body: object = None, **headers: str):
        answer = client.generic(
            method,
            f"/api/v1/appointments/{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={name.replace("_", "-"): text for name, text in headers.items()},
        )
        return answer.status_code, answer.json() if answer.content else None

    return call


@pytest.fixture
def key(town) -> dict[str, str]:
    ApiKey.objects.create(
        authority=town.commune, name="agenda", digest=digest_of("secret"), role="agent"
    )
    return {"Authorization": "Bearer secret"}


def test_search_hold_confirm_read_and_cancel(counter, api):
    assert api("GET", "reasons")[1][0]["label"] == "Passeport"
    slots = api("GET", f"slots?reason={counter.reason.pk}&site={counter.town.site.pk}")[1]["slots"]
    assert slots[0] == {
        "starts_at": "2026-11-23T09:00:00+01:00",
        "site": counter.town.site.pk,
        "free": 1,
        "agents": [],
    }
    body = {"reason": counter.reason.pk, "starts_at": slots[0]["starts_at"]}
    status, held = api("POST", "holds", body)
    assert (status, held["status"]) == (201, "held")
    assert api("POST", f"holds/{held['ref']}/extend")[0] == 200
    assert api("POST", f"holds/{held['ref']}/extend")[0] == 409
    status, booked = api("POST", f"holds/{held['ref']}/confirm", CONTACT)
    assert (status, booked["status"], booked["note"]) == (200, "confirmed", "Merci")
    assert api("GET", f"appointments/{held['ref']}")[1] == booked
    assert api("DELETE", f"appointments/{held['ref']}")[0] == 204
    assert api("DELETE", f"appointments/{held['ref']}")[0] == 204
    assert api("POST", f"holds/{held['ref']}/confirm", CONTACT)[0] == 409


def test_the_loser_gets_the_three_nearest(counter, api):
    body = {"reason": counter.reason.pk, "starts_at": "2026-11-24T10:00:00+01:00"}
    assert api("POST", "holds", body)[0] == 201
    status, problem = api("POST", "holds", body)
    assert status == 409
    assert [one["starts_at"][11:16] for one in problem["alternatives"]] == [
        "09:00",
        "09:30",
        "10:30",
    ]


def test_a_repeated_request_is_one_hold(counter, api):
    body = {"reason": counter.reason.pk, "starts_at": "2026-11-24T10:00:00+01:00"}
    first = api("POST", "holds", body, Idempotency_Key="a")
    assert api("POST", "holds", body, Idempotency_Key="a") == first
    other = {**body, "starts_at": "2026-11-24T11:00:00+01:00"}
    assert api("POST", "holds", other, Idempotency_Key="a")[0] == 422


def test_moving(counter, api):
    _, held = api(
        "POST", "holds", {"reason": counter.reason.pk, "starts_at": "2026-11-24T10:00:00+01:00"}
    )
    api("POST", f"holds/{held['ref']}/confirm", CONTACT)
    path = f"appointments/{held['ref']}/move"
    assert api("POST", path, {"starts_at": "2026-11-24T13:00:00+01:00"})[0] == 409
    status, moved = api("POST", path, {"starts_at": "2026-11-25T09:30:00+01:00"})
    assert (status, moved["starts_at"]) == (200, "2026-11-25T09:30:00+01:00")


def test_the_first_slot_in_each_site(counter, api, town):
    from beffroi.base.authorities.models import Site

    annex = Site.objects.create(authority=town.commune, name="Annexe")
    other = new_agent(town, counter.reason, "Omar", starts=(8, 0), days=[3])
    other.openings.update(site=annex)
    other.save()
    found = api("GET", f"first-slots?reason={counter.reason.pk}")[1]
    assert [(one["name"], one["starts_at"]) for one in found] == [
        ("Mairie", "2026-11-23T09:00:00+01:00"),
        ("Annexe", "2026-11-25T08:00:00+01:00"),
    ]


def test_agents_systems_see_who_is_free_and_the_past(counter, api, key):
    path = f"slots?reason={counter.reason.pk}&first_day=2026-10-26&last_day=2026-10-26"
    assert api("GET", path)[1]["slots"] == []
    slots = api("GET", path, **key)[1]["slots"]
    assert len(slots) == 6
    assert slots[0]["agents"] == [counter.agents[0].pk]
    assert api("GET", "agents", **key)[1][0]["name"] == "Inès Moreau"
    assert api("GET", "agents")[0] == 401
    assert api("GET", "reasons", Authorization="Bearer wrong")[0] == 401


@pytest.mark.parametrize(
    "path",
    [
        "slots",
        "slots?reason=x",
        "slots?reason=1&first_day=2026-02-30",
        "slots?reason={reason}&first_day=0001-01-01",
    ],
)
def test_what_cannot_be_understood_is_refused_with_the_field(counter, api, path):
    status, problem = api("GET", path.format(reason=counter.reason.pk))
    assert status == 422
    assert problem["detail"]


@pytest.mark.parametrize(
    "path",
    ["slots?reason=999999", f"slots?reason={10**30}", "appointments/NOPE", "appointments/%00"],
)
def test_what_does_not_exist_is_not_found(counter, api, path):
    assert api("GET", path)[0] == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"starts_at": "2026-11-24T10:00:00"},
        {"starts_at": "demain"},
        {"starts_at": "0001-01-01T00:00:00+00:00"},
        {"reason": "passeport"},
    ],
)
def test_an_impossible_hold_is_refused(counter, api, changes):
    body = {"reason": counter.reason.pk, "starts_at": "2026-11-24T10:00:00+01:00", **changes}
    assert api("POST", "holds", body)[0] == 422
    assert not Appointment.objects.exists()


@pytest.mark.parametrize(
    "contact",
    [{}, {"family_name": "Martin"}, {**CONTACT, "email": "non"}, {**CONTACT, "documents": ["X"]}],
)
def test_a_contact_that_does_not_do_is_refused(counter, api, contact):
    _, held = api(
        "POST", "holds", {"reason": counter.reason.pk, "starts_at": "2026-11-24T10:00:00+01:00"}
    )
    assert api("POST", f"holds/{held['ref']}/confirm", contact)[0] == 422
    assert api("GET", f"appointments/{held['ref']}")[1]["status"] == "held"
