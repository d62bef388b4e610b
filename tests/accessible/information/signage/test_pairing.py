"""A browser becomes a screen of one authority, and of no other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import clear_script_prefix, reverse
from django.utils import timezone
from tests.conftest import World

from beffroi.accessible.information.signage import actions, tasks
from beffroi.accessible.information.signage.models import Pairing, Screen, WrongCode
from beffroi.accessible.information.signage.work import silent_screens
from beffroi.base.access.public import Actor, PermissionDenied
from beffroi.base.audit.models import Entry
from beffroi.base.outbox.models import Announcement


@pytest.fixture(autouse=True)
def default_authority() -> None:
    clear_script_prefix()


@pytest.fixture
def display(town: World) -> Client:
    """A browser that opened the page and shows its code."""
    browser = Client()
    assert browser.get("/ecran/").status_code == 200
    return browser


def pair(client: Client, code: str | None = None, **fields: str) -> int:
    code = code or Pairing.objects.get().code
    values = {"code": code, "name": "Place du Puits", "orientation": "auto", "site": "", **fields}
    return client.post(reverse("signage:screens"), values).status_code


def test_the_code_is_shown_until_an_agent_enters_it(
    display: Client, client_for: Callable[..., Client]
) -> None:
    code = Pairing.objects.get().code
    page = display.get("/ecran/").content.decode()
    assert f"{code[:3]} {code[3:]}" in page
    assert Pairing.objects.count() == 1, "the same browser keeps its code"
    assert pair(client_for("agent"), f"{code[:3].lower()} {code[3:].lower()}") == 302
    page = display.get("/ecran/").content.decode()
    assert "Place du Puits" in page
    assert code not in page
    assert display.get("/ecran/contenu/").status_code == 200
    screen = Screen.objects.get()
    assert screen.is_online
    assert not Pairing.objects.exists()


def test_the_open_page_is_told_by_the_hub_and_the_journal_notes_it(
    display: Client, client_for: Callable[..., Client]
) -> None:
    pairing = Pairing.objects.get()
    waiting = display.get("/ecran/").content.decode()
    pair(client_for("agent"))
    [call] = Announcement.objects.filter(data__paired=True)
    assert call.topics == [pairing.topic]
    assert pairing.topic in waiting
    # Everybody hears these calls; the reference would fetch the token of the screen.
    assert pairing.ref not in f"{call.topics} {call.data}"
    assert Entry.objects.filter(verb="screen.paired").count() == 1


def test_an_answer_lost_on_the_way_can_be_asked_again(
    display: Client, client_for: Callable[..., Client]
) -> None:
    waiting = display.cookies["beffroi_appairage"].value
    pair(client_for("agent"))
    display.get("/ecran/")
    again = Client()
    again.cookies["beffroi_appairage"] = waiting
    assert "Place du Puits" in again.get("/ecran/").content.decode()
    assert again.get("/ecran/contenu/").status_code == 200
    late = Client()
    late.cookies["beffroi_appairage"] = waiting
    assert "Place du Puits" not in late.get("/ecran/").content.decode()
    assert display.get("/ecran/contenu/").status_code == 302


def test_an_old_code_is_worth_nothing(display: Client, client_for: Callable[..., Client]) -> None:
    old = Pairing.objects.get().code
    Pairing.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert pair(client_for("agent"), old) == 422
    display.get("/ecran/")
    assert Pairing.objects.get().code != old


def test_guessing_is_slowed_down(display: Client, client_for: Callable[..., Client]) -> None:
    client = client_for("agent")
    for _ in range(actions.WRONG_CODES_ALLOWED):
        assert pair(client, "AAAAAA") == 422
    assert pair(client) == 429, "even the right code has to wait now"
    assert not Screen.objects.exists()
    assert pair(client_for("head")) == 302, "a colleague is not punished"
    WrongCode.objects.update(at=timezone.now() - timedelta(days=2))
    tasks.forget()
    assert not WrongCode.objects.exists()


def test_one_address_cannot_open_codes_without_end(town: World) -> None:
    statuses = {Client().get("/ecran/").status_code for _ in range(actions.WAITING_AN_ADDRESS)}
    assert statuses == {200}
    assert Client().get("/ecran/").status_code == 429
    assert Pairing.objects.count() == actions.WAITING_AN_ADDRESS


def test_a_code_belongs_to_the_authority_whose_page_shows_it(
    town: World, display: Client, actor: Callable[..., Actor]
) -> None:
    stranger = actor("agent", town.other)
    with pytest.raises(actions.WrongCodeError):
        actions.pair(stranger, Pairing.objects.get().code, "Chez nous", None, "auto")
    assert not Screen.objects.exists()


def test_a_site_of_another_authority_is_refused(town: World, actor: Callable[..., Actor]) -> None:
    Client().get("/a/saint-clair/ecran/")
    with pytest.raises(actions.ValidationError, match="lieu"):
        actions.pair(actor("agent", town.other), Pairing.objects.get().code, "X", town.site, "auto")  # type: ignore[arg-type]
    assert not Screen.objects.exists()


@pytest.mark.parametrize("role", ["resident", "partner", "field", "anonymous"])
def test_who_may_not_pair(display: Client, client_for: Callable[..., Client], role: str) -> None:
    assert pair(client_for(role)) == (302 if role == "anonymous" else 403)
    assert not Screen.objects.exists()


def test_two_screens_of_one_name_are_refused(
    client_for: Callable[..., Client], town: World
) -> None:
    client = client_for("agent")
    for expected in (302, 422):
        Client().get("/ecran/")
        assert pair(client, Pairing.objects.filter(screen=None).latest("pk").code) == expected
    assert Screen.objects.count() == 1


def test_a_screen_that_is_taken_away_shows_a_code_again(
    town: World, display: Client, client_for: Callable[..., Client], actor: Callable[..., Actor]
) -> None:
    pair(client_for("agent"))
    display.get("/ecran/")
    screen = Screen.objects.get()
    with pytest.raises(PermissionDenied):
        actions.remove(actor("agent", town.other), screen)
    path = reverse("signage:remove", kwargs={"ref": screen.ref})
    assert client_for("agent", town.other).post(f"/a/saint-clair{path}").status_code == 404
    clear_script_prefix()
    assert client_for("head").post(path).status_code == 302
    assert display.get("/ecran/contenu/").status_code == 302
    assert "Associer cet écran" in display.get("/ecran/").content.decode()


def test_the_token_opens_one_authority_only(
    display: Client, client_for: Callable[..., Client]
) -> None:
    pair(client_for("agent"))
    display.get("/ecran/")
    assert display.cookies["beffroi_ecran"]["httponly"]
    elsewhere = Client()
    elsewhere.cookies["beffroi_ecran"] = display.cookies["beffroi_ecran"].value
    assert elsewhere.get("/a/saint-clair/ecran/contenu/").status_code == 302
    forged = Client()
    forged.cookies["beffroi_ecran"] = "x" * 43
    assert forged.get("/ecran/contenu/").status_code == 302


def test_agents_see_how_screens_are(
    display: Client, client_for: Callable[..., Client], agent: Actor
) -> None:
    pair(client_for("agent"))
    display.get("/ecran/")
    display.get("/ecran/contenu/")
    assert "en ligne" in client_for("agent").get(reverse("signage:screens")).content.decode()
    assert silent_screens(agent) == []
    Screen.objects.update(last_seen=timezone.now() - timedelta(hours=1))
    page = client_for("agent").get(reverse("signage:screens")).content.decode()
    assert "hors ligne" in page
    [item] = silent_screens(agent)
    assert "Place du Puits" in item.title
    display.get("/ecran/contenu/")
    assert Screen.objects.get().is_online


def test_changing_the_site_and_the_orientation(
    town: World, display: Client, client_for: Callable[..., Client]
) -> None:
    pair(client_for("agent"))
    display.get("/ecran/")
    screen = Screen.objects.get()
    url = reverse("signage:change", kwargs={"ref": screen.ref})
    values = {"name": "Hall", "site": town.site.pk, "orientation": "portrait"}  # type: ignore[attr-defined]
    assert client_for("agent").post(url, values).status_code == 302
    page = display.get("/ecran/").content.decode()
    assert "portrait" in page
    assert "Mairie" in page
    assert client_for("agent").post(url, {**values, "name": ""}).status_code == 422
