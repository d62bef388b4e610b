"""The screen in the square, paired and showing a notice: readable from afar, and no violation."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from beffroi.accessible.information.signage import actions
from beffroi.base.access.public import actor_of_account

from .walking import Site, violations

#: Every text is at least this share of the picture's shorter side.
SMALLEST = 1 / 30
SIZES = """() => [...document.querySelectorAll('body *')]
  .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())
    && e.getBoundingClientRect().width > 1 && getComputedStyle(e).clipPath === 'none'
    && e.offsetParent !== null && !e.closest('.skip'))
  .map(e => [parseFloat(getComputedStyle(e).fontSize) / Math.min(innerHeight, innerWidth),
    e.textContent.trim().slice(0, 60)])"""


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1080, 1920)], ids=["16:9", "9:16"])
def test_a_paired_screen(
    site: Site,
    context: BrowserContext,
    axe_source: str,
    django_db_blocker: Any,
    width: int,
    height: int,
) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": height})
    page.goto("/ecran/")
    code = page.locator(".code").inner_text()
    with django_db_blocker.unblock():
        head = actor_of_account(site.world.accounts["head"], site.world.commune)
        actions.pair(
            head, code, f"Place {width}", None, "landscape" if width > height else "portrait"
        )
    page.reload()
    expect(page.locator("[data-screen]")).to_be_visible()
    assert violations(page, axe_source) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight + 1")
    small = [
        (round(share, 4), text) for share, text in page.evaluate(SIZES) if share < SMALLEST - 1e-3
    ]
    assert small == []
