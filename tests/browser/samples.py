"""A small town with one object of each kind, so that every page has something to show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.world import build as build_world


@dataclass
class Samples:
    """The world of the suite, and one object per name used in an address."""

    world: Any
    values: dict[str, dict[str, Any]] = field(default_factory=dict)

    def account(self, role: str) -> Any:
        return self.world.accounts[role]


def build() -> Samples:
    return Samples(build_world())
