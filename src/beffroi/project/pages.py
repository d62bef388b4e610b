"""Every page of the product, read from the address table: for the reference and for the walks of the suite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Page:
    pattern: str
    name: str
    permission: str | None  # "" = anyone; None = the view says nothing, which the suite refuses
    parameters: frozenset[str]
    view: object


def all_pages() -> list[Page]:
    """The pages of the rooms, without the API's routes and static files."""
    return [
        page
        for page in _walk(get_resolver().url_patterns, "", "")
        if not page.name.startswith("api-")
    ]


def _walk(patterns: Sequence[object], prefix: str, namespace: str) -> Iterator[Page]:
    for entry in patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry.url_patterns, prefix + str(entry.pattern), inner)
        elif isinstance(entry, URLPattern):
            yield Page(
                pattern=prefix + str(entry.pattern),
                name=f"{namespace}{entry.name}",
                permission=getattr(entry.callback, "required_permission", None),
                parameters=frozenset(entry.pattern.converters),
                view=entry.callback,
            )
