"""Every page of the product in a real browser: one load, four renderings, no violation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Response

from beffroi.base.portal.accessibility import RENDERINGS
from beffroi.project.pages import Page

from . import pages
from .walking import Site, violations

#: What sticks out, when the page is wider than its window.
TOO_WIDE = """() => document.documentElement.scrollWidth > innerWidth && (
  [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 0.5)
    .map(e => e.outerHTML.slice(0, 120)).slice(-3).join(' | ') || 'something')"""
HEAVIEST = 300_000
MOST_REQUESTS = 25


@pytest.fixture(scope="module")
def visitor(chromium: Browser, site: Site) -> Iterator[BrowserContext]:
    """One browser window for the whole walk: a new one for each page costs twice the time."""
    context = chromium.new_context(base_url=site.url, locale="fr-FR")
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture(scope="module")
def known(site: Site, django_db_blocker: Any) -> Callable[[Page, Site], str | None]:
    """The address to look at, or None for one that is no page to read (a POST, a feed, a fragment)."""

    def find(page: Page, site: Site) -> str | None:
        with django_db_blocker.unblock():
            client = Client()
            role = pages.role_for(page)
            if role != "anonymous":
                client.force_login(
                    site.world.accounts[role], backend="beffroi.base.people.authentication.Accounts"
                )
            if client.get(pages.any_address(page)).status_code == 405:
                return None
            address = pages.address(page, site)
            assert address, f"{page.name}: give it a sample in tests/samples.py"
            answer = client.get(address, follow=True)
            assert answer.status_code == 200, f"{address} answers {answer.status_code}"
            is_page = answer["Content-Type"].startswith("text/html") and b"<html" in answer.content
            return address if is_page else None

    return find


@pytest.mark.parametrize("page", pages.pages(), ids=lambda page: page.name)
def test_a_page_has_no_violation_in_any_rendering(
    page: Page,
    site: Site,
    visitor: BrowserContext,
    known: Callable[[Page, Site], str | None],
    axe_source: str,
    django_db_blocker: Any,
) -> None:
    address = known(page, site)
    if address is None:
        return
    with django_db_blocker.unblock():
        site.sign_in(visitor, pages.role_for(page))
    tab = visitor.new_page()
    try:
        answers: list[Response] = []
        errors: list[str] = []
        tab.on("response", lambda answer: answers.append(answer))
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.on(
            "console",
            lambda line: (
                errors.append(line.text) if "Content Security Policy" in line.text else None
            ),
        )
        tab.goto(address, wait_until="load")
        found = []
        for rendering in RENDERINGS:
            tab.set_viewport_size({"width": rendering.width, "height": rendering.height})
            tab.emulate_media(color_scheme="dark" if rendering.dark else "light")
            ground = tab.evaluate("getComputedStyle(document.documentElement).backgroundColor")
            always_dark = tab.evaluate("document.documentElement.classList.contains('screen')")
            expected = "rgb(18, 24, 31)" if rendering.dark or always_dark else "rgb(251, 250, 247)"
            if ground != expected:
                found.append(f"{rendering.name}: the ground is {ground}, not {expected}")
            if wide := tab.evaluate(TOO_WIDE):
                found.append(f"{rendering.name}: scrolls sideways because of {wide}")
            found += [f"{rendering.name}: {line}" for line in violations(tab, axe_source)]
        foreign = [a.url for a in answers if not a.url.startswith((site.url, "data:"))]
        weight = sum(int(a.headers.get("content-length", 0) or 0) for a in answers)
        assert found == []
        assert errors == []
        assert foreign == []
        assert len(answers) <= MOST_REQUESTS, [a.url for a in answers]
        assert weight <= HEAVIEST, sorted(
            (int(a.headers.get("content-length", 0)), a.url) for a in answers
        )
    finally:
        tab.close()


def test_a_planted_fault_is_found(visitor: BrowserContext, site: Site, axe_source: str) -> None:
    tab = visitor.new_page()
    tab.goto("/mentions-legales/")
    assert violations(tab, axe_source) == []
    tab.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"/x\">')"
    )
    assert any("image-alt" in line for line in violations(tab, axe_source))
    tab.close()
