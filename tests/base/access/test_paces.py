"""Forms without an account: one address may not take everything, and others do not pay for it."""

from __future__ import annotations

import json

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from tests.accessible.reception.appointments.conftest import passport

from beffroi.base.access.paces import paced
from beffroi.base.access.public import Actor

pytestmark = pytest.mark.django_db
HOLD = {"reason": 1, "starts_at": "2026-11-24T09:00:00+01:00"}


@pytest.fixture
def send(town, actor):
    @paced(most=3, seconds=3600)
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    def ask(address: str, who: Actor | None = None, method: str = "post", **more: str) -> int:
        request = getattr(RequestFactory(), method)("/formulaire/", REMOTE_ADDR=address, **more)
        request.authority = town.commune
        request.actor = who or Actor.anonymous(town.commune)
        request.user = None
        return view(request).status_code

    return ask


def test_the_fourth_form_of_an_address_waits_and_others_pass(send) -> None:
    assert [send("203.0.113.5") for _ in range(4)] == [200, 200, 200, 429]
    assert send("203.0.113.6") == 200
    assert send("203.0.113.5", method="get") == 200


def test_a_subscriber_line_counts_as_one_address(send) -> None:
    assert [send(f"2001:db8::{n}") for n in range(1, 5)] == [200, 200, 200, 429]
    assert send("2001:db8:0:1::1") == 200


def test_agents_and_this_machine_are_not_counted_but_a_claimed_key_is(send, actor) -> None:
    assert {send("203.0.113.5", actor("agent")) for _ in range(9)} == {200}
    assert {send("127.0.0.1") for _ in range(9)} == {200}
    answers = [send("203.0.113.7", HTTP_AUTHORIZATION="Bearer x") for _ in range(4)]
    assert answers[-1] == 429


def test_holding_every_slot_is_stopped_on_the_page_and_on_the_api(town, client_for) -> None:
    reason = passport(town)
    body = json.dumps({**HOLD, "reason": reason.pk})
    visitor = client_for()

    def on_the_page() -> HttpResponse:
        return visitor.post(f"/rendez-vous/motif/{reason.pk}/retenir/", REMOTE_ADDR="203.0.113.8")

    def on_the_api() -> HttpResponse:
        path = "/api/v1/appointments/holds"
        return visitor.post(path, body, "application/json", REMOTE_ADDR="203.0.113.8")

    answers = {on_the_page().status_code for _ in range(15)}
    answers |= {on_the_api().status_code for _ in range(15)}
    assert answers == {302, 409}
    for refused in (on_the_page(), on_the_api()):
        assert refused.status_code == 429
        assert int(refused["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/api/v1/workshops/sessions/NOBODY/registrations", 30),
        ("/api/v1/appointments/appointments/NOBODY/move", 10),
        ("/question/", 200),
    ],
)
def test_what_writes_letters_or_rows_is_paced_too(town, client_for, path: str, most: int) -> None:
    visitor = client_for()
    body = {"family_name": "Roy", "email": "roy@example.org", **HOLD}
    if path.startswith("/api/"):
        sent = json.dumps(body)
        answers = [
            visitor.post(path, sent, "application/json", REMOTE_ADDR="203.0.113.9").status_code
            for _ in range(most + 1)
        ]
    else:
        answers = [
            visitor.post(path, {}, REMOTE_ADDR="203.0.113.9").status_code for _ in range(most + 1)
        ]
    assert 429 not in answers[:-1]
    assert answers[-1] == 429
