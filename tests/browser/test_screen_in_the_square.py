"""The screen is read from across the square: size of the letters, and nothing cut, in both formats."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from beffroi.accessible.information.broadcast import actions as broadcast
from beffroi.accessible.information.signage.models import Screen, digest_of
from beffroi.base.access.public import actor_of_account

from .walking import Site

TOKEN = "screen-of-the-test"
HOME = "/a/saint-clair/ecran/"
LONG_TITLE = (
    "Coupure d’eau rue des Tanneurs, quai Foch et avenue de la Gare "
    "jusqu’à la fin de la réparation de la conduite principale"
)[:120]
DAYS = ("Lundi", "Mardi", "Mercredi", "Jeudi")
LONG_TEXT = (
    "Une équipe répare la conduite depuis ce matin. Des bouteilles d’eau sont à la mairie. " * 8
)
SMALLEST = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const box = node.parentElement.getBoundingClientRect();
    const seen = node.textContent.trim() && node.parentElement.checkVisibility() && box.width > 1;
    if (seen && !node.parentElement.closest('.skip, .visually-hidden'))
      found.push([parseFloat(getComputedStyle(node.parentElement).fontSize) / innerHeight, node.textContent.trim()]);
  }
  return found.sort((a, b) => a[0] - b[0])[0];
}"""
CUT = """() => [...document.querySelectorAll('.board-main, .board-side, .picture-foot')]
  .filter((zone) => zone.checkVisibility() && zone.scrollHeight > zone.clientHeight + 2)
  .map((zone) => `${zone.className}: ${zone.scrollHeight} > ${zone.clientHeight}`)"""


@pytest.fixture
def screen(site: Site, context: BrowserContext, django_db_blocker: Any) -> Any:
    with django_db_blocker.unblock():
        world = site.world
        Screen.objects.update_or_create(
            token_hash=digest_of(TOKEN),
            defaults={"authority": world.other, "name": "Place du Puits"},
        )
    context.add_cookies([{"name": "beffroi_ecran", "value": TOKEN, "url": f"{site.url}{HOME}"}])
    return context.new_page()


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920)], ids=["16:9", "9:16"])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("severity", [2, 3], ids=["notice", "alert"])
def test_letters_are_a_thirtieth_of_the_height_and_nothing_is_cut(
    screen: Any,
    site: Site,
    size: tuple[int, int],
    severity: int,
    count: int,
    django_db_blocker: Any,
) -> None:
    with django_db_blocker.unblock():
        world = site.world
        world.other.hours = "\n".join(f"{day} : 8 h 30 – 12 h, 14 h – 17 h" for day in DAYS)
        world.other.save()
        agent = actor_of_account(world.other_accounts["agent"], world.other)
        text = broadcast.Content(LONG_TITLE, LONG_TEXT, severity, "roads")
        notices = [
            broadcast.publish(agent, broadcast.propose(agent, world.other, text))
            for _ in range(count)
        ]
    try:
        screen.set_viewport_size({"width": size[0], "height": size[1]})
        screen.goto(HOME)
        assert LONG_TITLE in screen.inner_text(".board-main")
        screen.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
        share, words = screen.evaluate(SMALLEST)
        assert share >= 1 / 30, f"{words!r} is {share:.4f} of the height"
        assert screen.evaluate(CUT) == []
    finally:
        with django_db_blocker.unblock():
            for notice in notices:
                broadcast.end(agent, notice)
