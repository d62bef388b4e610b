"""A resident's conversation through its pages: without JavaScript, in any script, and private."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from beffroi.accessible.information.assistant.models import Conversation, HandOver, Turn
from beffroi.base.imports.models import ImportRun
from beffroi.base.outbox.models import Announcement

QUESTION = "Quelles pièces fournir pour le renouvellement du passeport d'un majeur ?"
ASK = "/question/"


def ask(client: Client, text: str, where: str = ASK) -> str:
    """The address of the conversation after a question sent as a plain form."""
    response = client.post(where, {"question": text})
    assert response.status_code == 302, response.content.decode()
    address, _anchor, _turn = response["Location"].partition("#echange-")
    return address


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_a_question_is_answered_with_its_source_and_date(
    client_for: Callable[..., Client], knows: Callable[..., ImportRun]
) -> None:
    knows()
    client = client_for()
    html = page(client, ask(client, QUESTION))
    assert "un timbre fiscal de 86 €." in html
    assert "https://www.service-public.fr/particuliers/vosdroits/F1" in html
    assert "service-public.fr / DILA" in html
    assert "texte de mai 2021, à vérifier" in html
    assert "Réponse automatique" in html
    assert 'role="log"' in html


def test_the_first_page_says_that_a_machine_answers_and_what_is_kept(
    client_for: Callable[..., Client],
) -> None:
    html = page(client_for(), ASK)
    assert "Un programme vous répond" in html
    assert "90 jours" in html


def test_an_unknown_question_says_so_and_offers_an_agent_first(
    client_for: Callable[..., Client], knows: Callable[..., ImportRun]
) -> None:
    knows()
    client = client_for()
    html = page(client, ask(client, "Quelle est la capitale de l’Australie ?"))
    assert "Je ne sais pas" in html
    assert '<a class="button" href="' in html
    assert "Parler à un agent" in html


def test_an_empty_question_is_refused_with_a_way_to_correct_it(
    client_for: Callable[..., Client],
) -> None:
    response = client_for().post(ASK, {"question": "  "})
    assert response.status_code == 422
    assert "Écrivez votre question." in response.content.decode()
    assert not Conversation.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script> passeport",
        '"><img src=x onerror=alert(1)>',
        "{{ settings.SECRET_KEY }} {% debug %}",
        "Robert'); DROP TABLE articles;--",
    ],
)
def test_markup_in_a_question_is_only_text(
    client_for: Callable[..., Client], actor: Callable[..., object], text: str
) -> None:
    client = client_for()
    address = ask(client, text)
    stored = Turn.objects.get(author=Turn.Author.RESIDENT).text
    assert stored == text
    for html in (page(client, address), page(client, f"{ASK}?q=" + text.replace("%", "%25"))):
        assert "<script>alert" not in html
        assert "<img src=x" not in html
    client.post(address + "agent/", {})
    desk = client_for("agent")
    html = page(desk, reverse("assistant:desk_conversation", args=[HandOver.objects.get().pk]))
    assert "<script>alert" not in html
    assert "<img src=x" not in html


@pytest.mark.parametrize(
    "text", ["👩‍👧 passeport 🛂", "جواز سفر", "passe\u202eport\u0000", "é" * 1000]
)
def test_any_script_is_kept_and_shown(client_for: Callable[..., Client], text: str) -> None:
    client = client_for()
    response = client.post(ASK, {"question": text})
    if "\0" in text:
        assert response.status_code == 422
        return
    html = page(client, response["Location"])
    assert text in html


def test_personal_numbers_never_reach_the_database(
    client_for: Callable[..., Client],
) -> None:
    client = client_for()
    ask(client, "mon numéro de sécu est 1 85 05 78 006 084 36, appelez le 06 12 34 56 78")
    for turn in Turn.objects.all():
        assert "006 084" not in turn.text
        assert "34 56" not in turn.text


def test_danger_shows_numbers_to_call_at_once(client_for: Callable[..., Client]) -> None:
    client = client_for()
    html = page(client, ask(client, "il y a le feu chez mon voisin"))
    assert 'href="tel:18"' in html
    assert html.index('href="tel:18"') < html.index('href="tel:112"')


def test_a_choice_gives_the_extract(
    client_for: Callable[..., Client], knows: Callable[..., ImportRun]
) -> None:
    knows(
        {
            "id": "A",
            "title": "Passeport d'un majeur",
            "text": "Le passeport d'un majeur coûte 86 €.",
        },
        {
            "id": "B",
            "title": "Passeport d'un mineur",
            "text": "Le passeport d'un mineur coûte 42 €.",
        },
        *({"id": f"X{n}", "title": f"Pêche {n}", "text": "La carte de pêche."} for n in range(20)),
    )
    client = client_for()
    address = ask(client, "passeport")
    turn = Turn.objects.get(author=Turn.Author.ASSISTANT)
    assert turn.kind == "ask_back"
    minor = next(choice for choice in turn.choices if "mineur" in choice["label"])
    chosen = f"{address}choix/{turn.pk}/"
    assert client.post(chosen, {"article": minor["article"]}).status_code == 302
    assert "42 €" in page(client, address)
    assert client.post(chosen, {"article": "999999999999999999999"}).status_code == 302
    assert "Ce choix n’est plus proposé." in page(client, address)


def test_the_resident_says_whether_it_helped(
    client_for: Callable[..., Client], knows: Callable[..., ImportRun]
) -> None:
    knows()
    client = client_for()
    address = ask(client, QUESTION)
    turn = Turn.objects.get(author=Turn.Author.ASSISTANT)
    judged = f"{address}avis/{turn.pk}/"
    client.post(judged, {"feedback": "useful"})
    client.post(judged, {"feedback": "not_useful"})
    turn.refresh_from_db()
    assert turn.feedback == "not_useful"
    assert client.post(judged, {"feedback": "autre"}).status_code == 404


def test_a_conversation_of_another_authority_or_person_is_not_found(
    client_for: Callable[..., Client], town: object
) -> None:
    resident = client_for("resident")
    address = ask(resident, "passeport")
    assert resident.get(address).status_code == 200
    assert client_for().get(address).status_code == 404
    assert client_for("agent").get(address).status_code == 404
    anonymous = client_for()
    open_to_its_holder = ask(anonymous, "passeport")
    assert client_for().get(open_to_its_holder).status_code == 200
    assert anonymous.get(f"/a/saint-clair{open_to_its_holder}").status_code == 404
    assert anonymous.get("/question/inconnue/").status_code == 404


def test_the_page_may_follow_its_own_topic_only(client_for: Callable[..., Client]) -> None:
    client = client_for()
    response = client.get(ask(client, "passeport"))
    assert response.cookies["mercureAuthorization"]["httponly"]
    conversation = Conversation.objects.get()
    assert f'data-live-topic="{conversation.topic}"' in response.content.decode()
    announced = Announcement.objects.get()
    assert announced.topics == [conversation.topic]
    assert announced.private
    assert "passeport" not in str(announced.data)


def test_the_log_is_read_in_few_queries_however_long(
    client_for: Callable[..., Client],
    knows: Callable[..., ImportRun],
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    knows()
    client = client_for()
    address = ask(client, QUESTION)
    for _ in range(8):
        ask(client, QUESTION, address)
    with django_assert_max_num_queries(10):  # type: ignore[attr-defined]
        html = page(client, address)
    assert html.count("un timbre fiscal") == 9


def test_the_portal_field_answers_at_once_and_stores_nothing(
    client_for: Callable[..., Client], knows: Callable[..., ImportRun]
) -> None:
    knows()
    client = client_for()
    html = client.get(reverse("portal:search"), {"q": QUESTION}).content.decode()
    assert "un timbre fiscal de 86 €." in html
    assert "Réponse automatique" in html
    assert not Conversation.objects.exists()


def test_a_signed_in_resident_finds_the_conversation_again(
    client_for: Callable[..., Client],
) -> None:
    client = client_for("resident")
    address = ask(client, "passeport")
    from beffroi.base.people.procedures import procedures_of

    person = Conversation.objects.get().person
    assert person is not None
    assert [procedure.url for procedure in procedures_of(person)] == [address]
