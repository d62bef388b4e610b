"""A notice published by an agent reaches open pages, phones, screens and feeds, and goes by itself.

A whole town, its real processes and hub, and a real browser for each reader.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.conftest import PASSWORD

from .whole_town import ROOT, WholeTown, environment

pytestmark = [pytest.mark.peer, pytest.mark.browser]

CHROMIUM = Path("/usr/bin/chromium")
TITLE = "Coupure d’eau rue des Tanneurs"
#: Generous: the proof is that it comes without a reload; how fast, the town's own records say.
SOON = 20_000
AWAKE = "window.neverReloaded === true"


def in_town(town: WholeTown, code: str) -> str:
    """Run code in a process of the town's installation, beside its services."""
    script = (
        "import os, django\n"
        "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'beffroi.project.settings')\n"
        f"django.setup()\n{code}"
    )
    variables = environment(town.folder, BEFFROI_PORT=str(town.port), **town.settings)
    variables["PYTHONPATH"] = f"{ROOT / 'src'}:{ROOT}"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=variables,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def town() -> Iterator[WholeTown]:
    started = WholeTown(BEFFROI_REQUESTS_PER_SECOND="1000", BEFFROI_REQUEST_BURST="1000")
    try:
        started.start().ready()
        in_town(started, "from tests.world import build; build()")
        yield started
    finally:
        started.remove()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.fail("chromium is missing. Run: apt-get install chromium", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM))
        yield browser
        browser.close()


class Readers:
    """An agent at the desk, an open portal, a phone and a paired screen."""

    def __init__(self, town: WholeTown, browser: Browser) -> None:
        self.town = town
        self.browser = browser
        self.agent = self.open("/connexion/", 1280, 900)
        self.agent.fill("input[type=email]", "agent@vernay.example")
        self.agent.fill("input[type=password]", PASSWORD)
        self.agent.click("main button.button")
        self.agent.wait_for_url("**/bureau/**")
        self.screen = self._paired_screen()
        self.portal = self.open("/", 1280, 900)
        self.phone = self.open("/annonces/", 390, 800)

    def open(self, path: str, width: int, height: int) -> Page:
        context = self.browser.new_context(
            base_url=f"http://127.0.0.1:{self.town.port}",
            locale="fr-FR",
            viewport={"width": width, "height": height},
        )
        context.set_default_timeout(SOON)
        page = context.new_page()
        page.goto(path)
        return page

    def _paired_screen(self) -> Page:
        screen = self.open("/ecran/", 1920, 1080)
        code = screen.inner_text(".code")
        self.agent.goto("/bureau/ecrans/")
        self.agent.fill("[name=code]", code)
        self.agent.fill("[name=name]", "Place du Puits")
        self.agent.click("main form.stack button")
        screen.wait_for_selector("[data-screen]")
        # Its files are kept from then on: it may lose the network.
        screen.wait_for_selector("[data-kept]")
        return screen

    @property
    def open_pages(self) -> list[Page]:
        return [self.portal, self.phone, self.screen]

    def mark(self) -> None:
        for page in self.open_pages:
            page.evaluate("window.neverReloaded = true")

    def propose(self, severity: int = 2) -> None:
        agent = self.agent
        agent.goto("/bureau/annonces/nouvelle/")
        agent.fill("[name=title]", TITLE)
        agent.fill("[name=body]", "Du 2 au 38. Une équipe répare une fuite.")
        agent.select_option("[name=domain]", "water")
        agent.check(f"[name=severity][value='{severity}']")
        agent.fill("[name=street]", "rue des tanneurs")
        agent.click("text=Préparer l’annonce")
        agent.wait_for_selector("text=Publier maintenant")

    def publish(self) -> str:
        self.agent.click("text=Publier maintenant")
        self.agent.wait_for_selector("text=Terminer l’annonce")
        return self.agent.url.rstrip("/").rpartition("/")[2]


@pytest.fixture(scope="module")
def readers(town: WholeTown, chromium: Browser) -> Readers:
    return Readers(town, chromium)


def everywhere(readers: Readers, shown: bool) -> None:
    for page in readers.open_pages:
        notice = page.get_by_text(TITLE).locator("visible=true")
        if shown:
            expect(notice.first).to_be_visible(timeout=SOON)
        else:
            expect(notice).to_have_count(0, timeout=SOON)
        assert page.evaluate(AWAKE), f"{page.url} was reloaded"
    feed = readers.town.get("/annonces/flux.atom").body.decode()
    assert (TITLE in feed) is shown


def test_it_appears_without_reload_and_goes_when_an_agent_ends_it(readers: Readers) -> None:
    readers.mark()
    readers.propose()
    assert TITLE not in readers.town.get("/annonces/flux.atom").body.decode()
    ref = readers.publish()
    everywhere(readers, shown=True)
    took = in_town(
        readers.town,
        "from time import sleep\n"
        "from beffroi.accessible.information.broadcast.models import Notice, NoticeVersion\n"
        f"notice = Notice.objects.get(ref={ref!r})\n"
        "for _ in range(100):\n"
        "    version = notice.versions.get(version=2)\n"
        "    if version.accepted_at and version.delivered_at: break\n"
        "    sleep(0.2)\n"
        "print(version.accepted_ms, version.delivered_ms)\n",
    )
    accepted, delivered = map(int, took.split())
    assert accepted >= 0
    assert delivered >= 0
    print(f"published → hub {accepted} ms → first page {delivered} ms")  # noqa: T201 - the figure is the point
    page = readers.open(f"/annonces/{ref}/", 390, 800)
    expect(page.get_by_text("En combien de temps")).to_be_visible()
    readers.agent.click("text=Terminer l’annonce")
    everywhere(readers, shown=False)


def test_an_alert_takes_the_screen_and_ends_by_its_time_even_without_network(
    readers: Readers,
) -> None:
    readers.mark()
    readers.propose(severity=3)
    ref = readers.publish()
    everywhere(readers, shown=True)
    expect(readers.screen.locator(".alerting")).to_have_count(1)
    expect(readers.screen.locator(".board-side")).to_be_hidden()
    in_town(
        readers.town,
        "from dataclasses import replace\n"
        "from datetime import timedelta\n"
        "from django.utils import timezone\n"
        "from beffroi.base.access.public import actor_of_account\n"
        "from beffroi.base.people.models import Account\n"
        "from beffroi.accessible.information.broadcast import actions\n"
        "from beffroi.accessible.information.broadcast.models import Notice\n"
        f"notice = Notice.objects.select_related('authority').get(ref={ref!r})\n"
        "agent = actor_of_account(Account.objects.get(email='agent@vernay.example'), notice.authority)\n"
        "text = actions.Content(notice.title, notice.body, 3, notice.domain,\n"
        "    list(notice.streets.all()), ends_at=timezone.now() + timedelta(seconds=6))\n"
        "actions.edit(agent, notice, text, notice.version)\n",
    )
    readers.screen.wait_for_selector("[data-until]")
    readers.screen.context.set_offline(True)
    try:
        expect(readers.screen.get_by_text("hors ligne")).to_be_visible(timeout=SOON)
        everywhere(readers, shown=False)
        expect(readers.screen.get_by_text("Rien de particulier")).to_be_visible()
    finally:
        readers.screen.context.set_offline(False)


def test_it_ends_everywhere_with_the_end_of_its_cause(readers: Readers) -> None:
    readers.mark()
    cause = (
        "from beffroi.base.authorities.models import Authority, Site\n"
        "commune = Authority.objects.get(slug='vernay')\n"
        "cause = Site.objects.get(authority=commune)\n"
    )
    in_town(
        readers.town,
        f"{cause}"
        "from beffroi.base.access.public import Actor\n"
        "from beffroi.accessible.information.broadcast.public import propose\n"
        f"propose(Actor.system(commune, 'rule engine'), cause, commune, {TITLE!r}, 'Une fuite.', 3, 'water')\n",
    )
    readers.agent.goto("/bureau/annonces/?etat=proposed")
    readers.agent.get_by_role("link", name=TITLE).click()
    readers.publish()
    everywhere(readers, shown=True)
    in_town(
        readers.town,
        f"{cause}from beffroi.base.outbox.public import emit\nemit('insight_ended', cause)\n",
    )
    everywhere(readers, shown=False)
    expect(readers.screen.get_by_text("Rien de particulier")).to_be_visible()


def test_a_screen_that_restarts_without_network_shows_what_it_kept(readers: Readers) -> None:
    readers.propose()
    readers.publish()
    expect(readers.screen.get_by_text(TITLE)).to_be_visible(timeout=SOON)
    readers.screen.context.set_offline(True)
    try:
        readers.screen.reload()
        expect(readers.screen.get_by_text(TITLE)).to_be_visible(timeout=SOON)
        expect(readers.screen.get_by_text("hors ligne depuis")).to_be_visible(timeout=SOON)
    finally:
        readers.screen.context.set_offline(False)
    readers.agent.click("text=Terminer l’annonce")
    expect(readers.screen.get_by_text("Rien de particulier")).to_be_visible(timeout=60_000)
    expect(readers.screen.get_by_text("hors ligne depuis")).to_be_hidden(timeout=60_000)


def test_a_screen_that_is_removed_shows_a_code_again_at_once(readers: Readers) -> None:
    readers.agent.goto("/bureau/ecrans/")
    expect(readers.agent.get_by_text("en ligne")).to_be_visible()
    readers.agent.get_by_role("button", name="Retirer").click()
    expect(readers.screen.get_by_text("Associer cet écran")).to_be_visible(timeout=SOON)
    expect(readers.screen.locator(".code")).to_have_text(re.compile(r"^\w{3} \w{3}$"))
