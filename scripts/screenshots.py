"""Take the pictures of the README from a running demonstration town.

    ./run --data /tmp/town --port 8123          # in another terminal
    .beffroi/venv/bin/python scripts/screenshots.py --url http://localhost:8123 --data /tmp/town

The script lets a pipe leak, sends the crew, publishes the notice and pairs a screen, as people would.
"""

from __future__ import annotations

import argparse
import base64
import http.client
import json
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
AGENT, HEAD = "ines.moreau@vernay.example", "karim.diallo@vernay.example"
METER = "essai-moulin"
PHONE, LAPTOP, SQUARE = (390, 844), (1280, 860), (1600, 900)
QUALITY = 82


class Photographer:
    def __init__(self, browser: Browser, url: str, password: str) -> None:
        self._browser, self._url, self._password = browser, url.rstrip("/"), password

    @contextmanager
    def page(
        self, size: tuple[int, int], *, dark: bool = False, account: str = ""
    ) -> Iterator[Page]:
        """A fresh browser of that size, signed in or not."""
        context = self._browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="fr-FR",
            timezone_id="Europe/Paris",
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            base_url=self._url,
        )
        page = context.new_page()
        if account:
            page.goto("/connexion/")
            page.fill("[name=username]", account)
            page.fill("[name=password]", self._password)
            page.click("main button[type=submit]")
            page.wait_for_url(re.compile("/(bureau|mes-demarches|compte)"))
        yield page
        context.close()

    def take(self, page: Page, name: str) -> None:
        """The visible part of the page, as a small WebP."""
        page.wait_for_load_state("load")
        page.evaluate("document.fonts.ready")
        session = page.context.new_cdp_session(page)
        shot = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
        path = IMAGES / f"{name}.webp"
        path.write_bytes(base64.b64decode(shot["data"]))
        sys.stdout.write(f"{path.relative_to(ROOT)}  {path.stat().st_size // 1024} kB\n")


def leak(url: str, token: str) -> None:
    """Three readings of the last minutes, by the device's own token."""
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname or "localhost", where.port, timeout=20)
    now = time.time()
    for ago in (150, 90, 30):
        body = json.dumps({"time": round((now - ago) * 1000), "flow": 9.6, "pressure": 3.8})
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        connection.request("POST", "/api/v1/objects/readings", body, headers)
        answer = connection.getresponse()
        if answer.status != 202:
            sys.exit(f"{url}: {answer.status} {answer.read().decode()[:300]}")
        answer.read()
    connection.close()


def run(url: str, data: Path) -> None:
    token = json.loads((data / "town.json").read_text("utf-8"))["devices"][METER]
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        shoot = Photographer(browser, url, "beffroi-demo")
        leak(url, token)
        with shoot.page(LAPTOP, account=AGENT) as agent:
            _send_crew(agent)
            insight = agent.url
            _publish(agent)
            agent.goto(insight)
            shoot.take(agent, "constat")
            agent.goto("/bureau/")
            shoot.take(agent, "bureau")
            agent.goto("/bureau/agenda/?agent=")
            shoot.take(agent, "agenda")
            agent.goto("/territoire/")
            agent.wait_for_timeout(500)
            shoot.take(agent, "territoire")
        with shoot.page(LAPTOP) as resident:
            resident.goto("/")
            shoot.take(resident, "portail")
        with shoot.page(PHONE, dark=True) as phone:
            phone.goto("/")
            shoot.take(phone, "portail-telephone-sombre")
        with shoot.page(PHONE) as phone:
            phone.goto("/question/")
            phone.fill("[name=question]", "Pourquoi n’ai-je plus d’eau impasse du Moulin ?")
            phone.locator("form:has([name=question]) button").click()
            phone.wait_for_url(re.compile(r"/question/\w+"))
            shoot.take(phone, "question")
            phone.goto("/rendez-vous/")
            phone.get_by_role("link", name=re.compile("Carte d’identité")).click()
            shoot.take(phone, "rendez-vous")
        with shoot.page(SQUARE) as square, shoot.page(LAPTOP, account=HEAD) as head:
            _pair(square, head)
            shoot.take(square, "ecran")
        browser.close()


def _send_crew(agent: Page) -> None:
    """The newest insight of the trial meter, and its one click; leaves the page of the insight open."""
    for _attempt in range(100):
        agent.goto("/bureau/constats/")
        link = agent.get_by_role("link", name=re.compile("Moulin")).first
        if link.count():
            link.click()
            break
        agent.wait_for_timeout(200)
    address = agent.url
    send = agent.locator("form[action$='/envoyer/'] button")
    if send.count():
        send.click()
    agent.goto(address)


def _publish(agent: Page) -> None:
    agent.locator("a[href*='/bureau/annonces/']:not([href$='/bureau/annonces/'])").first.click()
    publish = agent.locator("form[action$='/publier/'] button")
    if publish.count():
        publish.click()


def _pair(square: Page, head: Page) -> None:
    square.goto("/ecran/")
    code = square.locator(".code").inner_text()
    head.goto("/bureau/ecrans/")
    head.fill("[name=code]", code)
    head.fill("[name=name]", f"Halles {time.time():.0f}")
    head.locator("form:has([name=code]) button").click()
    square.wait_for_selector("[data-screen]", timeout=20_000)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--url", default="http://localhost:8000")
    parser.add_argument("--data", type=Path, default=ROOT / ".beffroi" / "data")
    options = parser.parse_args()
    run(options.url, options.data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
