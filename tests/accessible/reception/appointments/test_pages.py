"""The journeys through the pages, by plain forms: no JavaScript is needed."""

from __future__ import annotations

import re

import pytest

from beffroi.accessible.reception.appointments.models import (
    Absence,
    Appointment,
    Opening,
    Reason,
    Status,
)
from beffroi.accessible.reception.appointments.public import booking_address
from beffroi.accessible.reception.appointments.tasks import expire_due
from beffroi.base.authorities.models import Site
from beffroi.base.provenance.public import causes_of

from .conftest import new_agent

FORM = {
    "given_name": "Jeanne",
    "family_name": "Martin",
    "email": "jeanne@vernay.example",
    "phone": "",
    "documents": ["Photo d’identité"],
    "note": "Je viens avec ma fille",
}


def first_choice(page) -> str:
    return re.search(r'name="creneau" value="([^"]+)"', page.content.decode())[1]


def choose(client, counter, value=None):
    """Hold the first time that is offered, or a given one; the redirect is followed."""
    value = value or first_choice(client.get(f"/rendez-vous/motif/{counter.reason.pk}/creneaux/"))
    address = f"/rendez-vous/motif/{counter.reason.pk}/retenir/"
    return client.post(address, {"creneau": value}, follow=True)


def book(client, counter, **changes):
    page = choose(client, counter)
    return client.post(page.request["PATH_INFO"], {**FORM, **changes}, follow=True)


def test_from_the_reason_to_the_confirmation(counter, client_for):
    client = client_for()
    assert "Passeport" in client.get("/rendez-vous/").content.decode()
    where = client.get(f"/rendez-vous/motif/{counter.reason.pk}/").content.decode()
    assert "Justificatif de domicile" in where
    assert "Mairie" in where
    held = choose(client, counter)
    assert held.status_code == 200
    assert "data-countdown" in held.content.decode()
    done = client.post(held.request["PATH_INFO"], FORM, follow=True).content.decode()
    appointment = Appointment.objects.get()
    assert "Rendez-vous confirmé" in done
    assert appointment.ref in done
    calendar = client.get(f"/rendez-vous/r/{appointment.ref}/agenda.ics")
    assert calendar["Content-Type"].startswith("text/calendar")
    assert b"SEQUENCE:1" in calendar.content
    assert appointment.ref in client.get("/rendez-vous/suivi/").content.decode()


def test_who_comes_second_is_told_at_once_and_offered_three_others(counter, client_for):
    first, second = client_for(), client_for()
    value = first_choice(second.get(f"/rendez-vous/motif/{counter.reason.pk}/creneaux/"))
    choose(first, counter, value)
    answer = choose(second, counter, value)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert text.count('name="creneau"') == 3
    assert 'role="alert"' in text
    assert choose(second, counter, first_choice(answer)).status_code == 200


def test_nothing_is_typed_twice(counter, client_for):
    client = client_for()
    book(client, counter)
    again = choose(client, counter).content.decode()
    assert 'value="jeanne@vernay.example"' in again
    assert (
        "value="
        not in re.search(
            r"<input[^>]*family_name[^>]*>", choose(client_for(), counter).content.decode()
        )[0]
    )


def test_when_the_time_is_lost_what_was_typed_is_kept(counter, client_for, clock):
    late, quick = client_for(), client_for()
    value = first_choice(late.get(f"/rendez-vous/motif/{counter.reason.pk}/creneaux/"))
    page = choose(late, counter, value)
    clock.forward(minutes=6)
    choose(quick, counter, value)
    refused = late.post(page.request["PATH_INFO"], FORM)
    assert refused.status_code == 409
    assert 'value="Martin"' in choose(late, counter, first_choice(refused)).content.decode()


def test_a_hold_that_is_over_says_so_and_offers_what_is_near(counter, client_for, clock):
    client = client_for()
    page = choose(client, counter)
    clock.forward(minutes=6)
    expire_due()
    gone = client.get(page.request["PATH_INFO"])
    assert gone.status_code == 410
    assert gone.content.decode().count('name="creneau"') == 3


def test_choosing_another_time_frees_the_first(counter, client_for):
    client = client_for()
    choose(client, counter)
    choose(client, counter)
    assert Appointment.objects.filter(status=Status.HELD).count() == 1


def test_five_more_minutes_then_give_up(counter, client_for):
    client = client_for()
    ref = choose(client, counter).request["PATH_INFO"].split("/")[-2]
    longer = client.post(f"/rendez-vous/r/{ref}/prolonger/", follow=True).content.decode()
    assert "Cinq minutes de plus" in longer
    assert "/prolonger/" not in longer
    client.post(f"/rendez-vous/r/{ref}/laisser/")
    assert Appointment.objects.get().status == Status.EXPIRED


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"family_name": ""}, "Nom"),
        ({"email": "", "phone": ""}, "Indiquez un courriel ou un téléphone"),
        ({"email": "jeanne"}, "Courriel"),
        ({"email": "", "phone": "appelez-moi"}, "Ce numéro ne se lit pas"),
        ({"documents": ["Chéquier"]}, "Pièces"),
        ({"note": "x" * 1001}, "1000"),
    ],
)
def test_a_form_that_is_wrong_says_where_and_keeps_the_rest(counter, client_for, changes, words):
    answer = book(client_for(), counter, **changes)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "error-summary" in text
    assert words in text
    assert Appointment.objects.get().status == Status.HELD


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "🐝", "‮مريم", "' OR 1=1 --"])
def test_hostile_or_foreign_names_are_shown_as_text(counter, client_for, name):
    book(client_for(), counter, family_name=name, note=name)
    page = client_for("agent").get("/bureau/agenda/?jour=2026-11-23&agent=").content.decode()
    assert "<script>alert(1)</script>" not in page
    assert (
        str(Appointment.objects.get().person).split()[-1] in page
        or "&lt;script&gt;" in page
        or "&#x27;" in page
    )


@pytest.mark.parametrize(
    "value",
    [
        "",
        "demain",
        "20261124T080000Z.1",
        "20261124T0801Z.1",
        "99999999T9999Z.9",
        "20261124T0800Z.-1",
    ],
)
def test_a_choice_that_no_button_sends_leads_back_to_the_list(counter, client_for, value):
    assert choose(client_for(), counter, value or " ").status_code in (200, 409)
    assert not Appointment.objects.exists()


@pytest.mark.parametrize(
    "query",
    [
        "jour=2026-02-30",
        "jour=0001-01-01",
        "jour=9999-12-31",
        "lieu=99999999999999999999",
        "lieu=x",
        "jour=%00",
    ],
)
def test_impossible_dates_and_places_show_the_list(counter, client_for, query):
    address = f"/rendez-vous/motif/{counter.reason.pk}/creneaux/?{query}"
    assert client_for().get(address).status_code == 200


def test_cancelling_asks_once_then_frees(counter, client_for):
    client = client_for()
    book(client, counter)
    ref = Appointment.objects.get().ref
    assert "Oui, annuler" in client.get(f"/rendez-vous/r/{ref}/annuler/").content.decode()
    done = client_for().post(f"/rendez-vous/r/{ref}/annuler/", follow=True).content.decode()
    assert "est annulé" in done


def test_moving_by_the_link(counter, client_for):
    client = client_for()
    book(client, counter)
    appointment = Appointment.objects.get()
    before = appointment.starts_at
    page = client.get(f"/rendez-vous/r/{appointment.ref}/deplacer/")
    moved = client.post(
        f"/rendez-vous/r/{appointment.ref}/deplacer/", {"creneau": first_choice(page)}, follow=True
    )
    appointment.refresh_from_db()
    assert appointment.starts_at != before
    assert "déplacé" in moved.content.decode()


def test_a_reference_is_found_and_a_wrong_one_is_explained(counter, client_for):
    book(client_for(), counter)
    ref = Appointment.objects.get().ref
    other = client_for()
    spaced = f"{ref[:4]} {ref[4:8].lower()} {ref[8:]}"
    assert ref in other.post("/rendez-vous/suivi/", {"ref": spaced}, follow=True).content.decode()
    assert other.post("/rendez-vous/suivi/", {"ref": "ABCD"}).status_code == 422
    assert other.get("/rendez-vous/r/AAAABBBBCCCCDDDD/").status_code == 404


def test_another_authority_does_not_show_it(counter, client_for):
    book(client_for(), counter)
    ref = Appointment.objects.get().ref
    assert client_for().get(f"/a/saint-clair/rendez-vous/r/{ref}/").status_code == 404
    assert (
        client_for().get(f"/a/saint-clair/rendez-vous/motif/{counter.reason.pk}/").status_code
        == 404
    )


def test_a_reason_for_agents_only_is_hidden_from_residents(counter, client_for):
    Reason.objects.update(bookable_by="agents")
    assert client_for().get(f"/rendez-vous/motif/{counter.reason.pk}/").status_code == 404
    page = client_for("agent").get(f"/bureau/agenda/prendre/?motif={counter.reason.pk}")
    assert 'name="creneau"' in page.content.decode()


def test_the_fragment_of_times_is_only_the_list(counter, client_for):
    text = (
        client_for()
        .get(f"/rendez-vous/motif/{counter.reason.pk}/creneaux/?fragment=1")
        .content.decode()
    )
    assert "<html" not in text
    assert 'name="creneau"' in text


def test_the_agent_sees_the_day_with_what_was_given(counter, client_for):
    book(client_for(), counter)
    agent = client_for("agent")
    for view in ("jour", "semaine"):
        page = agent.get(f"/bureau/agenda/?jour=2026-11-23&vue={view}&agent=").content.decode()
        assert "Jeanne Martin" in page
    day = agent.get("/bureau/agenda/?jour=2026-11-23&agent=").content.decode()
    assert "Justificatif de domicile" in day
    ref = Appointment.objects.get().ref
    file = agent.get(f"/bureau/agenda/fiche/{ref}/").content.decode()
    assert "Je viens avec ma fille" in file
    assert "non annoncée" in file
    assert "jeanne@vernay.example" in file
    assert "Jeanne Martin" in agent.get("/bureau/").content.decode()


def test_booking_at_the_counter_takes_the_same_path(counter, client_for):
    agent = client_for("agent")
    address = f"/bureau/agenda/prendre/?motif={counter.reason.pk}&par=telephone"
    held = agent.post(address, {"creneau": first_choice(agent.get(address))}, follow=True)
    assert "Inès" in held.content.decode()
    done = agent.post(
        held.request["PATH_INFO"], {**FORM, "email": "", "phone": "02 41 00 00 01"}, follow=True
    )
    appointment = Appointment.objects.get()
    assert (appointment.status, appointment.origin) == ("confirmed", "phone")
    assert "Ce que l’usager a déjà donné" in done.content.decode()
    taken = agent.post(
        address, {"creneau": f"{appointment.starts_at:%Y%m%dT%H%M}Z.{counter.town.site.pk}"}
    )
    assert taken.status_code == 409


def test_the_agent_notes_moves_and_cancels(counter, client_for):
    book(client_for(), counter)
    appointment = Appointment.objects.get()
    agent = client_for("agent")
    base = f"/bureau/agenda/fiche/{appointment.ref}/"
    page = agent.get(f"{base}deplacer/")
    agent.post(f"{base}deplacer/", {"creneau": first_choice(page)})
    assert Appointment.objects.get().starts_at != appointment.starts_at
    agent.post(f"{base}venue/", {"venue": "non"})
    assert Appointment.objects.get().status == Status.NO_SHOW
    agent.post(f"{base}venue/", {"venue": "oui"})
    assert agent.get(f"{base}annuler/").status_code == 200
    agent.post(f"{base}annuler/")
    assert Appointment.objects.get().status == Status.CANCELLED


def test_openings_absences_reasons_and_agents_by_simple_forms(counter, client_for):
    agent, head = client_for("agent"), client_for("head")
    opening = {
        "agent": counter.agents[0].pk, "site": counter.town.site.pk, "weekday": 6, "starts": "09:00",
        "ends": "10:00", "first_day": "2026-11-23", "last_day": "", "every_weeks": 2,
        "reasons": [counter.reason.pk], "excluded": "2026-12-12",
    }  # fmt: skip
    assert agent.post("/bureau/agenda/plages/ajouter/", opening).status_code == 302
    made = Opening.objects.get(weekday=6)
    assert made.rule == "FREQ=WEEKLY;INTERVAL=2;WKST=MO;BYDAY=SA"
    wrong = agent.post(
        "/bureau/agenda/plages/ajouter/", {**opening, "ends": "08:00", "excluded": "Noël"}
    )
    assert wrong.status_code == 422
    assert "Inès Moreau" in agent.get("/bureau/agenda/plages/").content.decode()
    assert (
        agent.post(
            f"/bureau/agenda/plages/{made.pk}/retirer/", {"last_day": "2026-11-22"}
        ).status_code
        == 302
    )
    assert not Opening.objects.filter(pk=made.pk).exists()
    absence = {"agent": counter.agents[0].pk, "first_day": "2026-11-24", "last_day": "2026-11-25"}
    assert agent.post("/bureau/agenda/absences/", absence).status_code == 200
    wrong = agent.post("/bureau/agenda/absences/", {**absence, "last_day": "2026-11-20"})
    assert wrong.status_code == 422
    agent.post(f"/bureau/agenda/absences/{Absence.objects.get().pk}/retirer/")
    assert not Absence.objects.exists()
    reason = {
        "service": counter.reason.service_id, "label": "PACS", "duration": 45, "channel": "office",
        "bookable_by": "everyone", "min_notice": 60, "max_notice": 60, "is_active": "on",
        "documents_text": "Pièce d’identité\n\nActe de naissance",
    }  # fmt: skip
    assert agent.get("/bureau/agenda/motifs/ajouter/").status_code == 403
    assert head.post("/bureau/agenda/motifs/ajouter/", reason).status_code == 302
    assert Reason.objects.get(label="PACS").documents == ["Pièce d’identité", "Acte de naissance"]
    assert head.post("/bureau/agenda/motifs/ajouter/", reason).status_code == 422
    assert (
        head.post(
            "/bureau/agenda/motifs/ajouter/", {**reason, "label": "X", "duration": 7}
        ).status_code
        == 422
    )
    given = {"name": "Omar", "service": counter.reason.service_id, "site": counter.town.site.pk}
    assert agent.post("/bureau/agenda/agents/ajouter/", given).status_code == 302


@pytest.mark.parametrize("role", ["anonymous", "resident", "partner", "field"])
def test_the_agents_pages_are_for_agents(counter, client_for, role):
    for path in ("", "prendre/", "plages/", "absences/", "motifs/"):
        assert client_for(role).get(f"/bureau/agenda/{path}").status_code in (302, 403)


def test_the_portal_says_when_the_next_slot_is(counter, client_for):
    assert "Passeport : dès lundi 23" in client_for().get("/").content.decode().replace(
        "\u00a0", " "
    )
    assert "Passeport" in client_for().get("/recherche/?q=passeports").content.decode()


def test_the_free_times_say_that_they_are_live_only_when_they_are(counter, client_for):
    page = client_for().get(f"/rendez-vous/motif/{counter.reason.pk}/creneaux/").content.decode()
    assert 'class="live-mark" data-live-state hidden' in page
    assert ">Mises à jour en direct<" not in page


def test_a_single_site_is_not_repeated_on_each_button(counter, client_for):
    page = client_for().get(f"/rendez-vous/motif/{counter.reason.pk}/creneaux/").content.decode()
    assert '<span class="small">' not in page
    annexe = Site.objects.create(authority=counter.town.commune, name="Mairie annexe")
    second = new_agent(counter.town, counter.reason, "Zoé Bernard", days=[2])
    second.openings.update(site=annexe)
    page = client_for().get(f"/rendez-vous/motif/{counter.reason.pk}/creneaux/").content.decode()
    assert '<span class="small">' in page


def test_what_led_to_the_booking_is_kept(counter, client_for):

    client = client_for()
    client.get(booking_address(counter.agents[0]))
    book(client, counter)
    edge = causes_of(Appointment.objects.get())[0]
    assert (edge.cause_kind, edge.cause_id) == ("appointments.agent", counter.agents[0].pk)
    stranger = client_for()
    stranger.get("/rendez-vous/?suite=forged")
    book(stranger, counter)
    assert causes_of(Appointment.objects.latest("pk")) == []


def test_many_times_are_cut_at_the_end_of_a_day(counter, client_for):
    address = f"/rendez-vous/motif/{counter.reason.pk}/creneaux/"
    first = client_for().get(address).content.decode()
    assert first.count('name="creneau"') == 30
    assert "Dates précédentes" not in first
    later = re.search(r"jour=([\d-]+)\"[^>]*>Dates suivantes", first)[1]
    assert "Dates précédentes" in client_for().get(f"{address}?jour={later}").content.decode()
