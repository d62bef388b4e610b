"""What a paired screen shows, and when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import clear_script_prefix, reverse
from django.utils import timezone
from tests.conftest import World

from beffroi.accessible.information.broadcast import actions as broadcast
from beffroi.accessible.information.broadcast.models import Notice
from beffroi.accessible.information.signage import zones
from beffroi.accessible.information.signage.bulletins import board_of
from beffroi.accessible.information.signage.models import Pairing
from beffroi.accessible.information.signage.public import Row, Zone, register_zone
from beffroi.base.access.public import Actor


@pytest.fixture(autouse=True)
def default_authority() -> None:
    clear_script_prefix()


@pytest.fixture
def screen(town: World, client_for: Callable[..., Client]) -> Client:
    browser = Client()
    browser.get("/ecran/")
    values = {
        "code": Pairing.objects.get().code, "name": "Hall", "orientation": "auto",
        "site": town.site.pk,  # type: ignore[attr-defined]
    }  # fmt: skip
    client_for("agent").post(reverse("signage:screens"), values)
    browser.get("/ecran/")
    return browser


Publish = Callable[..., Notice]


@pytest.fixture
def publish(town: World, agent: Actor) -> Publish:
    def make(authority: object = None, by: Actor = agent, **changes: object) -> Notice:
        values: dict[str, object] = {
            "title": "Coupure d’eau", "body": "Une équipe répare.", "severity": 2, "domain": "water",
        }  # fmt: skip
        content = broadcast.Content(**(values | changes))  # type: ignore[arg-type]
        return broadcast.publish(by, broadcast.propose(by, authority or town.commune, content))  # type: ignore[arg-type]

    return make


def content(screen: Client) -> str:
    return screen.get("/ecran/contenu/").content.decode()


def visible_titles(notices: list[Notice], at: object) -> list[str]:
    board = board_of(notices, at)  # type: ignore[arg-type]
    return [b.notice.title for b in board.bulletins if b.shown]


def test_a_notice_appears_and_goes_with_its_end(
    screen: Client, publish: Publish, agent: Actor
) -> None:
    assert "Rien de particulier" in content(screen)
    notice = publish()
    assert "Coupure d’eau" in content(screen)
    assert "Coupure d’eau" in screen.get("/ecran/").content.decode()
    broadcast.end(agent, notice)
    assert "Coupure d’eau" not in content(screen)


def test_times_travel_with_the_page(screen: Client, publish: Publish) -> None:
    ends = timezone.now() + timedelta(hours=2)
    publish(ends_at=ends)
    assert f'data-until="{ends.isoformat()}"' in content(screen)


def test_an_alert_takes_everything_and_two_alerts_are_both_shown(publish: Publish) -> None:
    notices = [
        publish(title="Danger", severity=4),
        publish(title="Important", severity=3),
        publish(title="Information", severity=1),
    ]
    now = timezone.now()
    assert visible_titles(notices, now) == ["Danger", "Important"]
    assert board_of(notices, now).alerting
    assert not board_of(notices[2:], now).alerting


def test_an_alert_to_come_waits_for_its_hour(publish: Publish) -> None:
    begins = timezone.now() + timedelta(hours=3)
    notices = [
        publish(title="Coupure", severity=3, starts_at=begins),
        publish(title="Marché", severity=1),
    ]
    before, after = board_of(notices, begins - timedelta(seconds=1)), board_of(notices, begins)
    assert (before.alerting, after.alerting) == (False, True)
    assert visible_titles(notices, begins - timedelta(seconds=1)) == ["Coupure", "Marché"]
    assert visible_titles(notices, begins) == ["Coupure"]


def test_only_its_own_authoritys_public_notices(
    town: World, screen: Client, publish: Publish, actor: Callable[..., Actor], agent: Actor
) -> None:
    publish(town.other, actor("agent", town.other), title="Chez les voisins")
    waiting = broadcast.Content("Pas encore", "Texte.", 2, "roads")
    broadcast.propose(agent, town.commune, waiting)  # type: ignore[arg-type]
    text = content(screen)
    assert "Chez les voisins" not in text
    assert "Pas encore" not in text


@pytest.mark.parametrize("title", ["<script>alert(1)</script>", "💧 إغلاق شارع"])
def test_any_text_is_text(screen: Client, publish: Publish, title: str) -> None:
    publish(title=title, body=title)
    text = content(screen)
    assert "<script>alert" not in text
    assert title in text or "&lt;script&gt;" in text


def test_the_sites_hours_stand_beside(screen: Client) -> None:
    assert "8 h 30 – 17 h" in content(screen)


def test_a_room_brings_a_zone_of_four_rows_at_most(
    screen: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zones, "_sources", dict(zones._sources))
    until = timezone.now() + timedelta(hours=1)
    rows = [Row(f"Atelier {number}", "14 h", until) for number in range(9)]
    register_zone(5, lambda authority, site, language: Zone("Aujourd’hui", rows))
    register_zone(1, lambda authority, site, language: None)
    text = content(screen)
    assert "Atelier 3" in text
    assert "Atelier 4" not in text
    assert f'data-until="{until.isoformat()}"' in text


def test_the_first_fetch_after_the_call_dates_the_delivery(
    screen: Client, publish: Publish
) -> None:
    notice = publish()
    content(screen)
    version = notice.versions.get(version=notice.version)
    assert version.delivered_ms is not None
    assert version.delivered_ms >= 0


def test_the_service_worker_rules_over_the_screens_page_only(town: World) -> None:
    answer = Client().get("/ecran/service-worker.js")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/javascript")
    assert b"caches" in answer.content


def test_queries_do_not_grow_with_the_notices(
    screen: Client, publish: Publish, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for number in range(10):
        publish(title=f"Annonce {number}")
    content(screen)
    with django_assert_max_num_queries(6):  # type: ignore[attr-defined]
        content(screen)
