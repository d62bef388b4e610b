from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import clear_script_prefix
from tests.conftest import World

from beffroi.accessible.information.broadcast import actions
from beffroi.accessible.information.broadcast.models import Notice
from beffroi.base.access.public import Actor


@pytest.fixture(autouse=True)
def default_authority() -> None:
    """A request of another authority leaves its path prefix behind in this thread."""
    clear_script_prefix()


def content(town: World, **changes: object) -> actions.Content:
    values: dict[str, object] = {
        "title": "Coupure d’eau rue des Tanneurs",
        "body": "Du 2 au 38. Une équipe répare une fuite.",
        "severity": 3,
        "domain": "water",
        "streets": [town.streets["rue-des-tanneurs"]],
    }
    return actions.Content(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture
def proposed(town: World, agent: Actor) -> Callable[..., Notice]:
    def make(**changes: object) -> Notice:
        return actions.propose(agent, town.commune, content(town, **changes))  # type: ignore[arg-type]

    return make


@pytest.fixture
def published(agent: Actor, proposed: Callable[..., Notice]) -> Callable[..., Notice]:
    def make(**changes: object) -> Notice:
        return actions.publish(agent, proposed(**changes))

    return make
