"""The journeys through the pages and the API: resident, partner, agent."""

from __future__ import annotations

import json
import re

import pytest
from tests.accessible.inclusion.workshops.conftest import new_session

from beffroi.accessible.inclusion.workshops.models import (
    ProposalState,
    Registration,
    Session,
    Workshop,
)

FORM = {
    "given_name": "Ada",
    "family_name": "Martin",
    "email": "ada@vernay.example",
    "phone": "",
    "needs": "",
}


def register(client, session, **changes):
    return client.post(f"/ateliers/seance/{session.ref}/", {**FORM, **changes}, follow=True)


def fill(client_for, session, number=2):
    for n in range(number):
        register(client_for(), session, email=f"p{n}@vernay.example")


def test_from_the_list_to_a_seat(session, client_for):
    client = client_for()
    assert "2 places libres sur 2" in client.get("/ateliers/").content.decode()
    done = register(client, session).content.decode()
    assert "Une place vous est réservée" in done
    ref = Registration.objects.get().ref
    calendar = client.get(f"/ateliers/inscription/{ref}/agenda.ics")
    assert b"STATUS:CONFIRMED" in calendar.content
    assert "1 place libre sur 2" in client.get("/ateliers/?fragment=1").content.decode()
    assert (
        'value="ada@vernay.example"'
        in client.get(f"/ateliers/seance/{session.ref}/").content.decode()
    )


def test_the_waiting_list_shows_the_place_and_the_offer(session, client_for):
    fill(client_for, session)
    first, second = client_for(), client_for()
    page = register(first, session, email="x@vernay.example").content.decode()
    assert "Vous êtes la prochaine personne" in page
    page = register(second, session, email="y@vernay.example").content.decode()
    assert "à la place 2" in page
    seated, waiting = Registration.objects.order_by("pk")[0], Registration.objects.order_by("pk")[2]
    assert (
        "Oui, annuler" in first.get(f"/ateliers/inscription/{seated.ref}/annuler/").content.decode()
    )
    first.post(f"/ateliers/inscription/{seated.ref}/annuler/")
    assert (
        "Une place est libre pour vous"
        in first.get(f"/ateliers/inscription/{waiting.ref}/").content.decode()
    )
    taken = first.post(
        f"/ateliers/inscription/{waiting.ref}/accepter/", follow=True
    ).content.decode()
    assert "Une place vous est réservée" in taken


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"family_name": ""}, "Nom"),
        ({"email": ""}, "Indiquez un courriel ou un téléphone"),
        ({"phone": "abc"}, "Ce numéro ne se lit pas"),
        ({"needs": "x" * 501}, "500"),
    ],
)
def test_a_form_that_is_wrong_says_where(session, client_for, changes, words):
    answer = register(client_for(), session, **changes)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Registration.objects.exists()


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "🐝", "مريم"])
def test_names_of_all_kinds_are_shown_as_text(session, client_for, name):
    register(client_for(), session, family_name=name, needs=name)
    page = client_for("agent").get(f"/bureau/ateliers/seance/{session.ref}/").content.decode()
    assert "<script>alert" not in page
    assert name in page or "&lt;script&gt;" in page


def test_the_same_name_twice_does_not_show_the_first_registration(session, client_for):
    register(client_for(), session)
    answer = register(client_for(), session)
    assert Registration.objects.get().ref not in answer.content.decode()
    assert "existe déjà" in answer.content.decode()


def test_the_session_speaks_schema_org_and_cannot_be_broken_out_of(town, clock, client_for):
    session = new_session(town, title="</script><script>alert(1)</script>")
    answer = client_for().get(f"/ateliers/seance/{session.ref}/")
    text = answer.content.decode()
    assert "<script>alert(1)" not in text
    data = json.loads(
        re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.S)[1]
    )
    assert data["@type"] == "EducationEvent"
    assert data["remainingAttendeeCapacity"] == 2
    assert data["name"] == session.workshop.title


def test_what_is_not_public_is_not_found(session, client_for, town):
    Workshop.objects.update(state=ProposalState.PROPOSED)
    assert client_for().get(f"/ateliers/seance/{session.ref}/").status_code == 404
    assert client_for().get("/ateliers/inscription/NOPE/").status_code == 404
    assert "Aucun atelier" in client_for().get("/ateliers/").content.decode()


PROPOSAL = {
    "title": "Réparer son vélo", "summary": "Apportez le vôtre.", "description": "", "level": "everyone",
    "to_bring": "", "starts_at": "2026-12-05T10:00", "ends_at": "2026-12-05T12:00", "site": "",
    "place": "Garage associatif, quai Foch", "seats": "8",
}  # fmt: skip


def test_a_partner_proposes_an_agent_accepts_residents_see_it(town, clock, client_for):
    partner, agent = client_for("partner"), client_for("agent")
    page = partner.post("/ateliers/proposer/", PROPOSAL, follow=True).content.decode()
    assert "Réparer son vélo" in page
    assert "Réparer son vélo" not in client_for().get("/ateliers/").content.decode()
    workshop = Workshop.objects.get()
    assert "Réparer son vélo" in agent.get("/bureau/ateliers/").content.decode()
    assert "Réparer son vélo" in agent.get("/bureau/").content.decode()
    refused = agent.post(f"/bureau/ateliers/a/{workshop.ref}/", {"decision": "non", "why": ""})
    assert refused.status_code == 422
    agent.post(f"/bureau/ateliers/a/{workshop.ref}/", {"decision": "oui", "why": ""})
    assert "Réparer son vélo" in client_for().get("/ateliers/").content.decode()
    assert "8" in partner.get("/ateliers/mes-propositions/").content.decode()


def test_a_partner_sees_only_his_own(town, clock, client_for, session):
    partner = client_for("partner")
    assert "Premiers pas" not in partner.get("/ateliers/mes-propositions/").content.decode()
    assert partner.get(f"/bureau/ateliers/seance/{session.ref}/").status_code == 403
    assert partner.get("/bureau/ateliers/").status_code == 403


@pytest.mark.parametrize(
    "changes",
    [
        {"starts_at": "2026-11-01T10:00", "ends_at": "2026-11-01T12:00"},
        {"ends_at": "2026-12-05T09:00"},
        {"starts_at": "2026-12-05T10:03"},
        {"starts_at": "2026-02-30T10:00"},
        {"place": ""},
        {"seats": "0"},
        {"title": ""},
    ],
)
def test_an_impossible_proposal_is_explained(town, clock, client_for, changes):
    answer = client_for("partner").post("/ateliers/proposer/", {**PROPOSAL, **changes})
    assert answer.status_code == 422
    assert "error-summary" in answer.content.decode()
    assert not Workshop.objects.exists()


def test_the_agent_runs_the_list(session, client_for):
    fill(client_for, session)
    agent = client_for("agent")
    base = f"/bureau/ateliers/seance/{session.ref}/"
    page = agent.post(
        f"{base}inscrire/", {**FORM, "email": "", "phone": "02 41 00 00 01"}, follow=True
    )
    assert "liste d’attente" in page.content.decode()
    first, second, waiting = Registration.objects.order_by("pk")
    agent.post(f"/bureau/ateliers/inscription/{first.ref}/", {"action": "present"})
    agent.post(f"/bureau/ateliers/inscription/{second.ref}/", {"action": "annuler"})
    assert "02 41 00 00 01" in agent.get("/bureau/").content.decode()
    agent.post(f"/bureau/ateliers/inscription/{waiting.ref}/", {"action": "accepter"})
    first.refresh_from_db()
    waiting.refresh_from_db()
    assert (first.attended, waiting.state) == (True, "registered")
    assert agent.get(f"{base}annuler/").status_code == 200
    agent.post(f"{base}annuler/")
    assert Session.objects.get().is_cancelled


def test_the_agent_changes_dates_and_texts(session, client_for):
    agent = client_for("agent")
    workshop = session.workshop
    form = {
        "title": "Mieux chercher",
        "summary": "Sur le web.",
        "description": "",
        "level": "practice",
        "to_bring": "",
    }
    agent.post(f"/bureau/ateliers/a/{workshop.ref}/modifier/", form)
    date = {k: PROPOSAL[k] for k in ("starts_at", "ends_at", "site", "place", "seats")}
    assert agent.post(f"/bureau/ateliers/a/{workshop.ref}/date/", date).status_code == 302
    assert workshop.sessions.count() == 2
    fill(client_for, session)
    answer = agent.post(f"/bureau/ateliers/seance/{session.ref}/modifier/", {**date, "seats": "1"})
    assert answer.status_code == 422
    assert "2 places sont déjà prises" in answer.content.decode()


def call(client, method: str, path: str, body: object = None):
    text = json.dumps(body) if body is not None else ""
    answer = client.generic(
        method, f"/api/v1/workshops/{path}", text, content_type="application/json"
    )
    return answer.status_code, answer.json() if answer.content else None


def test_the_api_registers_waits_accepts_and_leaves(session, client_for):
    client = client_for()
    assert call(client, "GET", "sessions")[1][0]["left"] == 2
    path = f"sessions/{session.ref}/registrations"
    people = [
        call(client, "POST", path, {"family_name": f"N{n}", "phone": f"061234567{n}"})
        for n in range(3)
    ]
    assert [status for status, _ in people] == [201] * 3
    assert (people[2][1]["state"], people[2][1]["position"]) == ("waiting", 1)
    assert call(client, "POST", f"registrations/{people[2][1]['ref']}/accept")[0] == 409
    assert call(client, "DELETE", f"registrations/{people[0][1]['ref']}")[0] == 204
    assert call(client, "GET", f"registrations/{people[2][1]['ref']}")[1]["state"] == "offered"
    assert (
        call(client, "POST", f"registrations/{people[2][1]['ref']}/accept")[1]["state"]
        == "registered"
    )
    assert call(client, "POST", path, {"family_name": "N"})[0] == 422
    assert (
        call(
            client,
            "POST",
            "sessions/NOPE/registrations",
            {"family_name": "N", "phone": "0612345678"},
        )[0]
        == 404
    )
    assert call(client, "GET", "registrations/%00")[0] == 404
