"""One list of what waits, in few queries, whatever a room does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from beffroi.base.access.public import Actor
from beffroi.base.desk import work
from beffroi.base.desk.public import WorkItem, register_work
from beffroi.base.desk.queries import View, work_list

AT = dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC)


def item(title: str, **facts: object) -> WorkItem:
    given = {
        "kind": "Constat", "ref": title, "title": title, "detail": "", "at": AT, "url": f"/bureau/{title}/",
        **facts,
    }  # fmt: skip
    return WorkItem(**given)  # type: ignore[arg-type]


@pytest.fixture
def brings(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """brings(room, item, …): the only rooms with work are those given."""
    monkeypatch.setattr(work, "_sources", {})

    def register(room: str, *items: WorkItem) -> None:
        register_work(room, lambda actor: list(items))

    return register


def test_views_counts_and_order(agent: Actor, brings: Callable[..., None]) -> None:
    later = AT + dt.timedelta(hours=1)
    brings("a", item("calme", team=True), item("grave", severity=3, at=later))
    brings("b", item("miennes", mine=True, at=later), item("ancien", at=AT - dt.timedelta(days=1)))
    everything = work_list(agent, View.ALL)
    assert [i.title for i in everything.items] == ["grave", "ancien", "calme", "miennes"]
    assert everything.counts == {View.MINE: 1, View.TEAM: 2, View.ALL: 4}
    assert [i.title for i in work_list(agent, View.TEAM).items] == ["calme", "miennes"]


def test_search_ignores_accents_and_filters_all_counts(
    agent: Actor, brings: Callable[..., None]
) -> None:
    brings("a", item("Fuite rue de l’Église", mine=True), item("Éclairage", service="Voirie"))
    found = work_list(agent, View.ALL, "eglise FUITE")
    assert [i.title for i in found.items] == ["Fuite rue de l’Église"]
    assert found.counts[View.MINE] == 1
    assert len(work_list(agent, View.ALL, "voirie").items) == 1
    assert work_list(agent, View.ALL, "introuvable").items == []
    assert work_list(agent, View.ALL, kind="Rendez-vous").items == []


def test_a_room_that_fails_does_not_hide_the_others(
    client_for: Callable[..., Client], brings: Callable[..., None]
) -> None:
    def broken(actor: Actor) -> list[WorkItem]:
        raise RuntimeError("out of order")

    brings("a", item("visible", team=True))
    register_work("b", broken)
    html = client_for("agent").get(reverse("desk:home")).content.decode()
    assert "visible" in html
    assert "ne répond pas" in html


def test_the_page_links_every_item_and_marks_the_view(
    client_for: Callable[..., Client], brings: Callable[..., None]
) -> None:
    brings("a", item("<b>Fuite</b>", team=True, severity=3, url="/bureau/x/"))
    html = client_for("agent").get(reverse("desk:home")).content.decode()
    assert 'href="/bureau/x/"' in html
    assert "&lt;b&gt;Fuite&lt;/b&gt;" in html
    assert "data-keys" in html
    assert 'data-live-topic="/desk/vernay"' in html
    empty = client_for("agent").get(reverse("desk:home"), {"vue": "mine"}).content.decode()
    assert "Rien n’attend ici" in empty
    nonsense = client_for("agent").get(
        reverse("desk:home"), {"vue": "x", "page": "zz", "q": "é" * 500}
    )
    assert nonsense.status_code == 200


def test_only_agents_have_a_desk(client_for: Callable[..., Client]) -> None:
    assert client_for().get(reverse("desk:home")).status_code == 302
    assert client_for("resident").get(reverse("desk:home")).status_code == 403
    assert client_for("partner").get(reverse("desk:home")).status_code == 403
    assert client_for("field").get(reverse("desk:home")).status_code == 200


def test_the_number_of_queries_does_not_grow_with_the_work(
    client_for: Callable[..., Client],
    actor: Callable[..., object],
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    from beffroi.accessible.information.assistant import actions

    resident = actor("anonymous")
    for number in range(30):
        conversation = actions.ask(resident, f"Question {number} sur la cantine")  # type: ignore[arg-type]
        actions.ask_for_an_agent(resident, conversation)  # type: ignore[arg-type]
    client = client_for("agent")
    client.get(reverse("desk:home"))
    with django_assert_max_num_queries(30):  # type: ignore[attr-defined]
        html = client.get(reverse("desk:home")).content.decode()
    assert html.count("sur la cantine") == 30


def test_long_lists_are_paged(
    client_for: Callable[..., Client], brings: Callable[..., None]
) -> None:
    brings("a", *(item(f"n{number:03}", team=True) for number in range(130)))
    client = client_for("agent")
    first = client.get(reverse("desk:home")).content.decode()
    assert "n059" in first
    assert "n060" not in first
    last = client.get(reverse("desk:home"), {"page": 3}).content.decode()
    assert "n129" in last
