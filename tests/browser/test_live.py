"""Live pages on a whole town with its real hub: one connection for all tabs, news spoken once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.real.whole_town import ROOT, WholeTown, environment

from .walking import announced, record_announcements

pytestmark = pytest.mark.peer

SOON = 30_000
HUB = "/.well-known/mercure"
PUBLISH = """
import os, django
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beffroi.project.settings")
django.setup()
from beffroi.accessible.information.broadcast import actions
from beffroi.base.access.public import actor_of_account
from beffroi.base.authorities.models import Authority
from beffroi.base.people.models import Account
commune = Authority.objects.get(slug="vernay")
head = actor_of_account(Account.objects.get(email="head@vernay.example"), commune)
content = actions.Content({title!r}, "Une équipe est sur place.", 2, "roads")
actions.publish(head, actions.propose(head, commune, content))
"""


@pytest.fixture(scope="module")
def town() -> Iterator[WholeTown]:
    started = WholeTown(BEFFROI_REQUESTS_PER_SECOND="1000", BEFFROI_REQUEST_BURST="1000")
    try:
        started.start().ready()
        run(started, "import os, django; os.environ.setdefault('DJANGO_SETTINGS_MODULE', "
            "'beffroi.project.settings'); django.setup(); from tests.world import build; build()")  # fmt: skip
        yield started
    finally:
        started.remove()


def run(town: WholeTown, code: str) -> None:
    variables = environment(town.folder, BEFFROI_PORT=str(town.port), **town.settings)
    variables["PYTHONPATH"] = f"{ROOT / 'src'}:{ROOT}"
    subprocess.run([sys.executable, "-c", code], env=variables, cwd=ROOT, check=True, timeout=120)


def publish(town: WholeTown, title: str) -> None:
    run(town, PUBLISH.format(title=title))


@pytest.fixture
def visitor(chromium: Browser, town: WholeTown) -> Iterator[BrowserContext]:
    context = chromium.new_context(base_url=f"http://127.0.0.1:{town.port}", locale="fr-FR")
    context.set_default_timeout(SOON)
    record_announcements(context)
    yield context
    context.close()


def opened(context: BrowserContext, address: str = "/annonces/") -> Page:
    """A page that says that it is live."""
    page = context.new_page()
    page.goto(address)
    expect(page.locator("[data-live-state='']").first).to_have_attribute(
        "data-state", "on", timeout=SOON
    )
    return page


def test_all_tabs_share_one_connection_and_another_takes_over(
    town: WholeTown, visitor: BrowserContext
) -> None:
    connections: list[str] = []
    visitor.on("request", lambda asked: connections.append(asked.url) if HUB in asked.url else None)
    first = opened(visitor)
    second = opened(visitor)
    third = opened(visitor, "/")
    assert len(connections) == 1, connections
    publish(town, "Rue barrée : premier message")
    for page in (first, second, third):
        expect(page.get_by_role("main")).to_contain_text("premier message", timeout=SOON)
    first.close()
    expect(second.locator("[data-live-state='']").first).to_have_attribute(
        "data-state", "on", timeout=SOON
    )
    publish(town, "Rue barrée : second message")
    for page in (second, third):
        expect(page.get_by_role("main")).to_contain_text("second message", timeout=SOON)
    assert len(connections) == 2, connections


def test_news_are_spoken_and_what_was_there_is_not(
    town: WholeTown, visitor: BrowserContext
) -> None:
    publish(town, "Marché déplacé place du Puits")
    page = opened(visitor)
    region = page.locator("[data-live-topic]").first
    assert region.get_attribute("aria-live") == "polite"
    link = page.get_by_role("link", name="Marché déplacé")
    link.focus()
    publish(town, "Piscine fermée ce matin")
    expect(region).to_contain_text("Piscine fermée", timeout=SOON)
    said = " ".join(announced(page))
    assert "Piscine fermée" in said
    assert "Marché déplacé" not in said
    expect(link).to_be_focused()


def test_the_page_says_when_it_is_no_longer_live_and_catches_up(
    town: WholeTown, visitor: BrowserContext
) -> None:
    page = opened(visitor)
    state = page.locator("[data-live-state='']").first
    (hub,) = town.pids("services.live")[:1]
    os.kill(hub, signal.SIGKILL)
    expect(state).to_have_attribute("data-state", "off", timeout=SOON)
    expect(state).to_contain_text("Hors ligne")
    publish(town, "Passage à niveau fermé")
    expect(state).to_have_attribute("data-state", "on", timeout=60_000)
    expect(page.get_by_role("main")).to_contain_text("Passage à niveau fermé", timeout=SOON)
    assert any("Hors ligne" in words for words in announced(page))
