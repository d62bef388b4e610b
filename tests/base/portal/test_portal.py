from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils.safestring import mark_safe

from beffroi.base.portal import registries
from beffroi.base.portal.public import (
    Hit,
    NowItem,
    register_answer,
    register_door,
    register_now,
    register_search,
)


@pytest.fixture
def empty_portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The portal before any room brought something."""
    monkeypatch.setattr(registries, "_now", [])
    monkeypatch.setattr(registries, "_doors", {})
    monkeypatch.setattr(registries, "_searches", {})
    monkeypatch.setattr(registries, "_answers", [])
    return


@pytest.mark.usefixtures("empty_portal")
def test_the_first_page_of_an_empty_town_still_helps(
    town: Any, client_for: Callable[..., Client]
) -> None:
    page = client_for().get("/").content.decode()
    assert "Que cherchez-vous" in page
    assert "Rien de particulier en ce moment" in page
    assert town.commune.phone in page


@pytest.mark.usefixtures("empty_portal")
def test_what_happens_now_shows_the_gravest_first(
    town: Any, client_for: Callable[..., Client]
) -> None:
    day = datetime(2026, 11, 24, 6, 12, tzinfo=UTC)
    register_now(
        lambda authority, language: [
            NowItem(1, "Collecte", "Un téléphone qui dort ?", "Déposez-le.", "jusqu’au 4 décembre"),
            NowItem(
                3, "Eau", f"Coupure à {authority}", "Retour à 11 h 30.", day, "Une fuite.", "/x/"
            ),
        ]
    )
    for address in ("/", "/en-ce-moment/"):
        page = client_for().get(address).content.decode()
        assert page.index("Coupure à Vernay-sur-Loire") < page.index("Un téléphone qui dort")
        assert "7\u00a0h\u00a012" in page
        assert "important" in page
    fragment = client_for().get("/en-ce-moment/").content.decode()
    assert "<html" not in fragment


@pytest.mark.usefixtures("empty_portal")
def test_doors_are_in_order_and_a_missing_room_does_not_show(
    client_for: Callable[..., Client],
) -> None:
    register_door(30, "Agenda", lambda authority: f"à {authority.name}", "portal:sitemap")
    register_door(10, "Prendre rendez-vous", "dès jeudi", "portal:legal")
    register_door(20, "Nulle part", "", "nowhere:home")
    page = client_for().get("/").content.decode()
    assert page.index("Prendre rendez-vous") < page.index("Agenda")
    assert "à Vernay-sur-Loire" in page
    assert "Nulle part" not in page


@pytest.mark.usefixtures("empty_portal")
def test_the_one_search_answers_then_groups_what_it_found(
    client_for: Callable[..., Client],
) -> None:
    register_search(
        "streets",
        lambda authority, text: (
            [Hit(f"rue {text}", "3 annonces", "/x/", "Rues")] if "Tan" in text else []
        ),
    )
    register_answer(lambda request, text: mark_safe("<p>Une fuite.</p>") if "eau" in text else "")
    page = client_for().get("/recherche/", {"q": "  eau  Tanneurs "}).content.decode()
    assert page.index("Une fuite.") < page.index("rue eau Tanneurs")
    assert "rien trouvé" not in page
    nothing = client_for().get("/recherche/", {"q": "xyz"}).content.decode()
    assert "rien trouvé" in nothing
    assert "Chercher autre chose" in nothing
    assert "rien trouvé" not in client_for().get("/recherche/").content.decode()


@pytest.mark.usefixtures("empty_portal")
def test_a_question_is_shown_as_text_and_cut_at_its_longest(
    client_for: Callable[..., Client],
) -> None:
    register_answer(lambda request, text: f"<b>{text}</b>")  # not marked safe: never shown
    page = (
        client_for()
        .get("/recherche/", {"q": "<script>alert(1)</script>" + "é" * 5000})
        .content.decode()
    )
    assert "<script>alert" not in page
    assert "<b>" not in page
    assert "é" * 301 not in page


def test_pages_that_the_law_asks_for(town: Any, client_for: Callable[..., Client]) -> None:
    client = client_for()
    statement = client.get("/accessibilite/").content.decode()
    assert "non encore auditée" in statement
    assert "Défenseur des droits" in statement
    assert town.commune.name in client.get("/mentions-legales/").content.decode()
    assert client.get("/plan-du-site/").status_code == 200
    for address in ("/accessibilite/", "/mentions-legales/", "/plan-du-site/", "/"):
        assert "/accessibilite/" in client.get(address).content.decode()


def test_the_host_is_named_when_there_is_one(
    client_for: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "serveurs de la collectivité" in client_for().get("/mentions-legales/").content.decode()
    monkeypatch.setenv("BEFFROI_HOSTED_BY", "Hébergeur de l’Ouest, 1 rue du Port, 49000 Angers")
    assert "Hébergeur de l’Ouest" in client_for().get("/mentions-legales/").content.decode()


def test_security_txt_has_what_rfc_9116_asks(town: Any, client_for: Callable[..., Client]) -> None:
    answer = client_for().get("/.well-known/security.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert fields["Contact"].startswith(("mailto:", "https:", "http:"))
    expires = datetime.fromisoformat(fields["Expires"])
    assert 0 < (expires - datetime.now(UTC)).days <= 365
