"""The agent's answer reaches the resident's open page: a whole town, its hub, two browsers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.conftest import PASSWORD

from .test_notice_reaches_screens import in_town
from .whole_town import WholeTown, beffroi

pytestmark = [pytest.mark.peer, pytest.mark.browser]

CHROMIUM = Path("/usr/bin/chromium")
SOON = 20_000
HEARD = """
window.heard = [];
addEventListener("DOMContentLoaded", () => {
  const log = document.querySelector("[role=log]");
  if (!log) return;
  new MutationObserver((changes) => {
    for (const change of changes)
      for (const node of change.addedNodes) if (node.textContent.trim()) window.heard.push(node.textContent);
  }).observe(log, { childList: true, subtree: true, characterData: true });
});
"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeTown]:
    started = WholeTown(BEFFROI_REQUESTS_PER_SECOND="1000", BEFFROI_REQUEST_BURST="1000")
    try:
        started.start().ready()
        in_town(started, "from tests.world import build; build()")
        articles = tmp_path_factory.mktemp("articles") / "fiches.jsonl"
        row = {
            "id": "F1",
            "title": "Carte de pêche",
            "text": "Conditions\nVous devez avoir une carte de pêche pour pêcher en rivière.",
            "url": "https://www.service-public.fr/particuliers/vosdroits/F1",
            "snapshot": "2021-05",
        }
        articles.write_text(json.dumps(row, ensure_ascii=False), "utf-8")
        done = beffroi(started.folder, "import", "articles", str(articles))
        assert done.returncode == 0, done.stderr
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


def visitor(town: WholeTown, browser: Browser, width: int, *, script: str = "") -> Page:
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{town.port}",
        locale="fr-FR",
        viewport={"width": width, "height": 900},
    )
    context.set_default_timeout(SOON)
    if script:
        context.add_init_script(script)
    return context.new_page()


def test_from_the_question_to_the_agents_answer(town: WholeTown, chromium: Browser) -> None:
    resident = visitor(town, chromium, 390, script=HEARD)
    agent = visitor(town, chromium, 1440)
    agent.goto("/connexion/")
    agent.fill("input[type=email]", "agent@vernay.example")
    agent.fill("input[type=password]", PASSWORD)
    agent.click("main button.button")
    agent.wait_for_url("**/bureau/**")

    resident.goto("/question/")
    resident.fill("[name=question]", "Où en est le projet de patinoire ?")
    resident.keyboard.press("Tab")
    resident.keyboard.press("Enter")
    log = resident.get_by_role("log")
    expect(log).to_contain_text("Je ne sais pas répondre")
    resident.get_by_role("link", name="Parler à un agent").click()
    resident.get_by_role("button", name="Demander un agent").click()
    expect(log).to_contain_text("Votre demande est chez les agents")

    # The agent's list was open before: the request appears in it by itself, and opens beside it.
    line = agent.locator("[data-keys] a", has_text="patinoire")
    expect(line).to_be_visible()
    agent.locator("body").press("j")
    expect(line).to_be_focused()
    line.press("Enter")
    expect(agent.locator("main h1")).to_have_text("Où en est le projet de patinoire ?")
    expect(line).to_have_attribute("aria-current", "true")

    expect(resident.locator("[data-live-state]")).to_have_attribute("data-state", "on")
    resident.evaluate("window.neverReloaded = true")
    resident.evaluate("window.heard.length = 0")
    agent.fill("main [name=text]", "La patinoire ouvre le 12 décembre.")
    agent.get_by_role("button", name="Envoyer à l’usager").click()
    expect(log).to_contain_text("La patinoire ouvre le 12 décembre.")
    assert resident.evaluate("window.neverReloaded") is True
    spoken = [text for text in resident.evaluate("window.heard") if "12 décembre" in text]
    assert len(spoken) == 1
    assert not any("Je ne sais pas" in text for text in spoken)

    # And back: what the resident writes appears on the agent's page.
    agent.wait_for_url(re.compile(r"/bureau/conversations/\d+/"))
    resident.fill("[name=question]", "Merci, à quelle heure ?")
    resident.get_by_role("button", name="Envoyer").click()
    expect(agent.get_by_role("log")).to_contain_text("à quelle heure")


def test_an_extract_is_read_without_javascript(town: WholeTown, chromium: Browser) -> None:
    context = chromium.new_context(
        base_url=f"http://127.0.0.1:{town.port}", locale="fr-FR", java_script_enabled=False
    )
    page = context.new_page()
    page.goto("/")
    page.fill("[name=q]", "Faut-il une carte de pêche pour pêcher en rivière ?")
    page.keyboard.press("Enter")
    expect(page.locator("blockquote")).to_contain_text("Vous devez avoir une carte de pêche")
    page.get_by_role("button", name="demander à un agent").click()
    expect(page.get_by_role("log")).to_contain_text("texte de mai 2021, à vérifier")
