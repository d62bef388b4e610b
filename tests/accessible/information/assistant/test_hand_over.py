"""From the resident to one agent, and back to the resident's open page."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from beffroi.accessible.information.assistant import actions, personal_data
from beffroi.accessible.information.assistant.models import Conversation, HandOver, Turn
from beffroi.base.access.public import Actor, PermissionDenied
from beffroi.base.audit.models import Entry
from beffroi.base.desk.queries import View, work_list
from beffroi.base.outbox.models import Announcement, OutboxEvent
from beffroi.base.people.personal import erase_person, export_person


@pytest.fixture
def hand_over(actor: Callable[..., object]) -> HandOver:
    resident = actor("anonymous")
    conversation = actions.ask(resident, "Où est mon dossier de cantine ?")
    return actions.ask_for_an_agent(resident, conversation, "Jeanne", "06 12 34 56 78")


def test_the_agent_answers_and_the_resident_sees_it(
    client_for: Callable[..., Client], hand_over: HandOver
) -> None:
    resident, agent = client_for(), client_for("agent")
    desk = reverse("assistant:desk_conversation", args=[hand_over.pk])
    html = agent.get(desk).content.decode()
    assert "Où est mon dossier de cantine ?" in html
    assert "06 12 34 56 78" in html
    announced = Announcement.objects.count()
    response = agent.post(
        reverse("assistant:answer", args=[hand_over.pk]), {"text": "Il est <b>prêt</b>."}
    )
    assert response.status_code == 302
    fragment = resident.get(f"/question/{hand_over.conversation.ref}/echanges/").content.decode()
    assert fragment.count("Il est &lt;b&gt;prêt&lt;/b&gt;.") == 1
    assert "Inès Moreau" in fragment
    hand_over.refresh_from_db()
    assert hand_over.state == HandOver.State.TAKEN
    told = [
        a
        for a in Announcement.objects.all()[announced:]
        if hand_over.conversation.topic in a.topics
    ]
    assert told
    assert OutboxEvent.objects.filter(kind="conversation_answered").count() == 1


def test_an_appointment_is_offered_beside_the_hand_over_and_remembers_the_question(
    client_for: Callable[..., Client], hand_over: HandOver
) -> None:
    resident = client_for()
    html = resident.get(f"/question/{hand_over.conversation.ref}/").content.decode()
    address = re.search(r'href="(/rendez-vous/\?suite=[^"]+)"', html)
    assert address
    assert resident.get(address[1]).status_code == 200
    assert resident.session["appointment_cause"]


def test_the_assistant_is_silent_while_an_agent_has_the_conversation(
    actor: Callable[..., object], agent: object, hand_over: HandOver
) -> None:
    conversation = hand_over.conversation
    actions.take(agent, hand_over)
    actions.ask(actor("anonymous"), "Bonjour ?", conversation)
    assert conversation.turns.last().author == Turn.Author.RESIDENT
    actions.close(agent, hand_over)
    conversation.refresh_from_db()
    actions.ask(actor("anonymous"), "Bonjour !", conversation)
    assert conversation.turns.last().author == Turn.Author.ASSISTANT
    conversation.refresh_from_db()
    assert conversation.state == Conversation.State.ASSISTANT


def test_asking_twice_keeps_one_place_and_completes_it(
    actor: Callable[..., object], hand_over: HandOver
) -> None:
    again = actions.ask_for_an_agent(actor("anonymous"), hand_over.conversation, "", "a@b.example")
    assert again.pk == hand_over.pk
    assert (again.name, again.contact) == ("Jeanne", "a@b.example")
    assert HandOver.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_agents_take_at_once_and_one_wins(
    actor: Callable[..., object], hand_over: HandOver
) -> None:
    actors = [actor("agent"), actor("head"), actor("admin")]
    barrier = threading.Barrier(len(actors))
    results: list[str] = []

    def take(who: object) -> None:
        barrier.wait()
        try:
            actions.take(who, HandOver.objects.get(pk=hand_over.pk))  # type: ignore[arg-type]
            results.append("taken")
        except actions.Refused as refused:
            results.append(str(refused))
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(who,)) for who in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(result == "taken" for result in results) == [False, False, True]
    assert all("a déjà pris" in result for result in results if result != "taken")
    hand_over.refresh_from_db()
    assert hand_over.assigned is not None
    assert Entry.objects.filter(verb="conversation.taken").count() == 1


def test_the_loser_is_told_on_the_page_and_keeps_what_was_written(
    client_for: Callable[..., Client], head: object, hand_over: HandOver
) -> None:
    actions.take(head, hand_over)
    response = client_for("agent").post(
        reverse("assistant:answer", args=[hand_over.pk]), {"text": "Ma réponse"}
    )
    html = response.content.decode()
    assert response.status_code == 409
    assert "Karim Diallo a déjà pris cette conversation." in html
    assert not Turn.objects.filter(author=Turn.Author.AGENT).exists()


def test_internal_notes_stay_among_agents(
    client_for: Callable[..., Client], agent: object, hand_over: HandOver
) -> None:
    actions.note(agent, hand_over, "Déjà venue hier")
    ref = hand_over.conversation.ref
    assert "Déjà venue hier" not in client_for().get(f"/question/{ref}/").content.decode()
    desk = client_for("agent").get(reverse("assistant:desk_conversation", args=[hand_over.pk]))
    assert "Déjà venue hier" in desk.content.decode()


def test_a_transfer_waits_in_the_other_service(
    client_for: Callable[..., Client], agent: object, hand_over: HandOver, town: object
) -> None:
    actions.take(agent, hand_over)
    service = town.services["etat-civil"]
    client = client_for("agent")
    client.post(reverse("assistant:transfer", args=[hand_over.pk]), {"service": service.pk})
    hand_over.refresh_from_db()
    assert (hand_over.service, hand_over.state, hand_over.assigned) == (service, "waiting", None)


def test_only_agents_of_the_authority_come_near(
    client_for: Callable[..., Client],
    actor: Callable[..., object],
    hand_over: HandOver,
    town: object,
) -> None:
    address = reverse("assistant:desk_conversation", args=[hand_over.pk])
    assert client_for().get(address).status_code == 302
    assert client_for("resident").get(address).status_code == 403
    assert client_for("partner").get(address).status_code == 403
    other = client_for("agent", town.other)
    assert other.get(f"/a/saint-clair{address}").status_code == 404
    with pytest.raises(PermissionDenied):
        actions.answer(actor("resident"), hand_over, "x")


def test_a_relay_is_work_on_the_desk(
    agent: object,
    actor: Callable[..., object],
    hand_over: HandOver,
    town: object,
) -> None:
    waiting = work_list(agent, View.TEAM).items
    assert [item.title for item in waiting] == ["Où est mon dossier de cantine ?"]
    assert work_list(agent, View.MINE).items == []
    actions.take(agent, hand_over)
    assert len(work_list(agent, View.MINE).items) == 1
    assert work_list(actor("agent", town.other), View.ALL).items == []
    actions.close(agent, hand_over)
    assert work_list(agent, View.ALL).items == []


def test_export_and_erasure_of_a_person(resident: object, agent: object) -> None:
    conversation = actions.ask(resident, "Comment inscrire mon fils à la cantine ?")
    hand_over = actions.ask_for_an_agent(resident, conversation, "Jeanne Martin", "j@m.example")
    actions.note(agent, hand_over, "note interne")
    person = conversation.person
    exported = export_person(person)["assistant"]
    assert "cantine" in str(exported)
    assert "j@m.example" in str(exported)
    assert "note interne" not in str(exported)
    erase_person(person)
    assert not Conversation.objects.exists()
    assert not Turn.objects.exists()
    assert not HandOver.objects.exists()


def test_erasing_one_person_leaves_the_others(resident: object, hand_over: HandOver) -> None:
    conversation = actions.ask(resident, "passeport")
    personal_data.erase(conversation.person)
    assert list(Conversation.objects.all()) == [hand_over.conversation]


def test_erasing_takes_back_the_contact_left_without_signing_in(
    resident: object, actor: Callable[..., object]
) -> None:
    person = actions.ask(resident, "passeport").person
    stranger = Actor.anonymous(resident.authority)
    for name, contact in (("Jeanne", person.email.upper()), ("Paul", "paul@m.example")):
        asked = actions.ask(stranger, "cantine")
        actions.ask_for_an_agent(stranger, asked, name, contact)
    erase_person(person)
    left = HandOver.objects.order_by("pk").values_list("name", "contact")
    assert list(left) == [("", ""), ("Paul", "paul@m.example")]


def test_conversations_are_forgotten_after_their_time(
    hand_over: HandOver, actor: Callable[..., object]
) -> None:
    import datetime as dt

    from django.utils import timezone

    from beffroi.base.retention.actions import sweep

    recent = actions.ask(actor("anonymous"), "passeport")
    old = timezone.now() - dt.timedelta(days=91)
    Conversation.objects.filter(pk=hand_over.conversation_id).update(last_at=old)
    sweep()
    assert list(Conversation.objects.all()) == [recent]
    assert not HandOver.objects.exists()


def test_a_contact_must_lead_somewhere(client_for: Callable[..., Client]) -> None:
    client = client_for()
    address = client.post("/question/", {"question": "passeport"})["Location"].partition("#")[0]
    refused = client.post(f"{address}agent/", {"name": "J", "contact": "12"})
    assert refused.status_code == 422
    assert "dix chiffres" in refused.content.decode()
    assert not HandOver.objects.exists()
    assert client.post(f"{address}agent/", {}).status_code == 302
    assert HandOver.objects.get().contact == ""
