"""How each page of the address table is opened: with which sample, which query, by whom."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse

from beffroi.base.access.public import PERMISSIONS, Role
from beffroi.project.pages import Page, all_pages

from .samples import Samples

HUMBLEST_FIRST = (Role.RESIDENT, Role.PARTNER, Role.FIELD, Role.AGENT, Role.HEAD, Role.ADMIN)


@dataclass(frozen=True)
class Look:
    """What an address needs beyond its name."""

    arguments: Callable[[Samples], dict[str, Any]] = lambda samples: {}
    query: str = ""
    role: str = ""


LOOKS: dict[str, Look] = {
    "portal:search": Look(query="?q=eau rue des Tanneurs"),
}


def role_for(page: Page) -> str:
    """The humblest role that may open the page, unless its look names another one."""
    if (look := LOOKS.get(page.name)) and look.role:
        return look.role
    if not page.permission:
        return "anonymous"
    allowed = PERMISSIONS[page.permission].roles
    return next(role for role in HUMBLEST_FIRST if role in allowed).value


def address(page: Page, samples: Samples) -> str | None:
    """The page's address with its sample; None when it needs one that is not there."""
    look = LOOKS.get(page.name, Look())
    try:
        return str(reverse(page.name, kwargs=look.arguments(samples))) + look.query
    except NoReverseMatch:
        return None


def any_address(page: Page) -> str:
    """An address of the right shape, of nothing that exists: enough to ask whether it takes a GET."""
    arguments = {
        name: 1 if kind == "int" else "x"
        for kind, name in re.findall(r"<(\w+):(\w+)>", page.pattern)
    }
    return str(reverse(page.name, kwargs=arguments))


def pages() -> list[Page]:
    return sorted(all_pages(), key=lambda page: (role_for(page), page.name))
