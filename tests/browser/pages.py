"""How each page of the address table is opened in the browser: by whom, and with which query."""

from __future__ import annotations

import re

from django.urls import reverse

from beffroi.base.access.public import PERMISSIONS, Role
from beffroi.project.pages import Page, all_pages

from .walking import Site

HUMBLEST_FIRST = (Role.RESIDENT, Role.PARTNER, Role.FIELD, Role.AGENT, Role.HEAD, Role.ADMIN)

#: Pages that show what they are for only when they are asked something.
QUERIES = {
    "portal:search": "?q=eau rue des Tanneurs",
}


#: The agent in the field sees the interventions of his own crew only.
ROLES = {"interventions:intervention": "agent", "interventions:state": "agent"}

#: Answers that are parts of another page, seen within it.
PARTS = {
    "signage:content": "the inside of a paired screen, see test_screen.py",
}


def role_for(page: Page) -> str:
    """The humblest role that may open the page, unless it only shows something to another one."""
    if page.name in ROLES:
        return ROLES[page.name]
    if not page.permission:
        return "anonymous"
    allowed = PERMISSIONS[page.permission].roles
    return next(role for role in HUMBLEST_FIRST if role in allowed).value


def address(page: Page, site: Site) -> str | None:
    """The page's address with its sample; None when it needs one that tests/samples.py has not."""
    arguments = site.samples.of(page.name, page.parameters)
    if page.name.startswith("objects:series"):
        arguments = {"pk": site.leak.stream.pk}  # of all series, the one that anybody may see
    if arguments is None:
        return None
    return str(reverse(page.name, kwargs=arguments)) + QUERIES.get(page.name, "")


def any_address(page: Page) -> str:
    """An address of the right shape, of nothing that exists: enough to ask whether it takes a GET."""
    arguments = {
        name: 1 if kind == "int" else "x"
        for kind, name in re.findall(r"<(\w+):(\w+)>", page.pattern)
    }
    return str(reverse(page.name, kwargs=arguments))


def pages() -> list[Page]:
    """All pages, those of one role together so that the browser signs in seldom."""
    found = [page for page in all_pages() if page.name not in PARTS]
    return sorted(found, key=lambda page: (role_for(page), page.name))
