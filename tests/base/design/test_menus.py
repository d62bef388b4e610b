from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import RequestFactory

from beffroi.base.design import menus


@pytest.fixture(autouse=True)
def _own_menu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(menus, "_entries", {})


def request_of(actor: Any, path: str) -> Any:
    request = RequestFactory().get(path)
    request.actor = actor  # type: ignore[attr-defined]
    return request


def test_links_are_in_order_for_those_who_may_follow_them(actor: Callable[..., Any]) -> None:
    menus.register_menu("desk", 20, "Journal", "audit:journal", permission="audit.read")
    menus.register_menu("desk", 10, "À faire", "desk:home", permission="desk.see")
    menus.register_menu("desk", 30, "Nulle part", "nowhere:home")
    menus.register_menu("resident", 10, "Accueil", "portal:home")

    def labels(role: str) -> list[str]:
        return [str(link.label) for link in menus.links("desk", request_of(actor(role), "/"))]

    assert labels("admin") == ["À faire", "Journal"]
    assert labels("agent") == ["À faire"]
    assert labels("anonymous") == []


def test_only_the_section_of_the_page_says_that_one_is_there(actor: Callable[..., Any]) -> None:
    menus.register_menu("desk", 10, "À faire", "desk:home", permission="desk.see")
    menus.register_menu("desk", 20, "Journal", "audit:journal", permission="audit.read")
    here = {
        path: [
            str(link.label)
            for link in menus.links("desk", request_of(actor("admin"), path))
            if link.here
        ]
        for path in ("/bureau/", "/bureau/journal/", "/bureau/autre/", "/")
    }
    assert here == {
        "/bureau/": ["À faire"],
        "/bureau/journal/": ["Journal"],
        "/bureau/autre/": ["À faire"],
        "/": [],
    }
