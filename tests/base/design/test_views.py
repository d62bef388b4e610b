from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from beffroi.base.design import themes


def test_the_components_page_shows_itself_in_both_languages(
    client_for: Callable[..., Client],
) -> None:
    client = client_for()
    assert "Composants" in client.get(reverse("design:components")).content.decode()
    client.cookies["beffroi_language"] = "en"
    assert "Components" in client.get(reverse("design:components")).content.decode()


def test_an_authoritys_colour_is_a_sheet_of_its_own(
    town: Any, client_for: Callable[..., Client]
) -> None:
    client = client_for()
    town.commune.primary_colour = "#7a1f4b"
    town.commune.primary_colour_dark = ""
    town.commune.save()
    answer = client.get("/design/marque.css")
    assert answer["Content-Type"].startswith("text/css")
    assert "--brand-light: #7a1f4b;" in answer.content.decode()
    again = client.get("/design/marque.css", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    other = client.get(f"/a/{town.other.slug}/design/marque.css")
    assert "#7a1f4b" not in other.content.decode()
    assert "/design/marque.css" in client.get("/").content.decode()


def test_a_colour_that_cannot_be_read_is_never_served(
    town: Any, client_for: Callable[..., Client]
) -> None:
    # Stored before the rule, or by another program.
    type(town.commune).objects.filter(pk=town.commune.pk).update(primary_colour="#ffee00")
    assert "#ffee00" not in client_for().get("/design/marque.css").content.decode()


@pytest.mark.parametrize(
    ("choice", "sheet"),
    [
        ("dark", 'dark.css" media="all"'),
        ("auto", 'dark.css" media="(prefers-color-scheme: dark)"'),
        ("light", None),
    ],
)
def test_the_theme_is_kept_in_a_cookie(
    client_for: Callable[..., Client], choice: str, sheet: str | None
) -> None:
    client = client_for()
    answer = client.post(reverse("design:theme"), {"theme": choice, "next": "/recherche/"})
    assert answer.status_code == 302
    assert answer["Location"] == "/recherche/"
    page = client.get("/").content.decode()
    if sheet:
        assert sheet in page
    else:
        assert "dark.css" not in page


def test_an_unknown_theme_or_a_foreign_address_changes_nothing(
    client_for: Callable[..., Client],
) -> None:
    client = client_for()
    answer = client.post(
        reverse("design:theme"), {"theme": "pink", "next": "https://elsewhere.example/"}
    )
    assert answer["Location"] == "/"
    assert themes.COOKIE not in client.cookies
    assert client.get(reverse("design:theme")).status_code == 405
