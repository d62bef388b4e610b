"""What the browser tests do to a page: sign in, tab, listen, analyse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import BrowserContext, Page

from tests.conftest import World
from tests.samples import Samples

from .leak import Leak

#: Rules that are not about users: the standard asked for is WCAG 2.2 AA and axe's good habits.
AXE_OPTIONS = {"resultTypes": ["violations"]}


@dataclass(frozen=True)
class Site:
    """The served town: its address, its people, one object of each kind, and a leak that happened."""

    url: str
    world: World
    samples: Samples
    leak: Leak

    def sign_in(self, context: BrowserContext, role: str) -> None:
        """Give the browser the session of the account with this role; `anonymous` forgets it."""
        context.clear_cookies()
        if role == "anonymous":
            return
        account = self.world.accounts[role]
        session = SessionStore()
        session[SESSION_KEY] = str(account.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
        session[HASH_SESSION_KEY] = account.get_session_auth_hash()
        session.save()
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": self.url}]
        )


# ---- the accessibility tree, in the order in which it is spoken ------------------------------


@dataclass(frozen=True)
class Node:
    """What a screen reader says of one element."""

    role: str
    name: str
    states: frozenset[str]

    def __str__(self) -> str:
        states = f" ({', '.join(sorted(self.states))})" if self.states else ""
        return f"{self.role} “{self.name}”{states}"


_SPOKEN_STATES = (
    "checked",
    "disabled",
    "expanded",
    "required",
    "invalid",
    "selected",
    "pressed",
    "live",
)
_SILENT = {
    "none",
    "generic",
    "InlineTextBox",
    "StaticText",
    "paragraph",
    "RootWebArea",
    "ListMarker",
}


def spoken(page: Page) -> list[Node]:
    """The page's accessibility tree in reading order, from its root, without what is not spoken."""
    client = page.context.new_cdp_session(page)
    nodes = {node["nodeId"]: node for node in client.send("Accessibility.getFullAXTree")["nodes"]}
    client.detach()
    root = next(node for node in nodes.values() if not node.get("parentId"))
    return list(_walk(root, nodes))


def _walk(node: dict[str, Any], nodes: dict[str, dict[str, Any]]) -> Iterator[Node]:
    role = node.get("role", {}).get("value", "")
    if not node.get("ignored") and role not in _SILENT:
        name = " ".join(node.get("name", {}).get("value", "").split())
        yield Node(role, name, frozenset(_states(node)))
    for child in node.get("childIds", []):
        if child in nodes:
            yield from _walk(nodes[child], nodes)


def _states(node: dict[str, Any]) -> Iterator[str]:
    for item in node.get("properties", []):
        value = item["value"].get("value")
        if item["name"] in _SPOKEN_STATES and value not in (None, False, "false", "off"):
            yield item["name"] if value in (True, "true") else f"{item['name']}={value}"


def says(page: Page, *expected: str) -> None:
    """Assert that these are spoken in this order (other things may come between).

    Each is `role “name”` with its states, or the beginning of it.
    """
    heard = [str(node) for node in spoken(page)]
    rest = iter(heard)
    for wanted in expected:
        if not any(line.startswith(wanted) for line in rest):
            raise AssertionError(f"“{wanted}” is not spoken there. Heard:\n" + "\n".join(heard))


# ---- announcements ---------------------------------------------------------------------------

RECORDER = """
  window.announced = [];
  const liveRegion = (node) => node.nodeType === 1
    ? node.closest('[role=status], [role=alert], [role=log], [aria-live]:not([aria-live=off])')
    : node.parentElement && liveRegion(node.parentElement);
  // What the page brings with it is read, not announced.
  document.addEventListener('DOMContentLoaded', () => new MutationObserver((changes) => {
    for (const change of changes) {
      const region = liveRegion(change.target);
      if (!region || !change.target.isConnected) continue;
      const said = change.type === 'characterData'
        ? change.target.data
        : [...change.addedNodes].map((node) => node.textContent).join(' ');
      if (said.trim()) window.announced.push(said.replace(/\\s+/g, ' ').trim());
    }
  }).observe(document, { subtree: true, childList: true, characterData: true }));
"""


def record_announcements(context: BrowserContext) -> None:
    """From now on each page of the context keeps what its live regions say."""
    context.add_init_script(RECORDER)


def announced(page: Page) -> list[str]:
    """What live regions said since the page was loaded (its own text at load is not announced)."""
    return list(page.evaluate("window.announced"))


# ---- keyboard --------------------------------------------------------------------------------


def focused(page: Page) -> str:
    """Role and name of what has the focus, as a screen reader says them."""
    found = page.evaluate(
        """() => { const e = document.activeElement;
        const label = e.getAttribute('aria-label') || e.labels?.[0]?.textContent || e.textContent || '';
        return e === document.body ? '' : label.replace(/\\s+/g, ' ').trim(); }"""
    )
    return str(found)


def tab_to(page: Page, name: str, most: int = 120) -> None:
    """Press Tab until the element with this name (or a part of it) has the focus, seen on screen."""
    passed = []
    for _ in range(most):
        page.keyboard.press("Tab")
        here = focused(page)
        if name in here:
            assert page.evaluate(
                """() => { const e = document.activeElement, box = e.getBoundingClientRect();
                const style = getComputedStyle(e);
                return box.width > 0 && (style.outlineStyle !== 'none' || e.matches('input[type=radio]')); }"""
            ), f"the focus on “{name}” cannot be seen"
            return
        passed.append(here)
    raise AssertionError(f"“{name}” is not reached by Tab; passed: {passed}")


def follow(page: Page) -> None:
    """Press Enter, and wait for the page that it leads to."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


# ---- axe -------------------------------------------------------------------------------------


def violations(page: Page, axe_source: str) -> list[str]:
    """What axe finds wrong, one line each."""
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(axe_source)
    result = page.evaluate("options => axe.run(document, options)", AXE_OPTIONS)
    return [
        f"{found['id']} ({found['impact']}): {node['html'][:160]} {node.get('failureSummary', '')[:300]}"
        for found in result["violations"]
        for node in found["nodes"][:3]
    ]
