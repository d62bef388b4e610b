"""The next sessions stand on the screens of the square."""

from __future__ import annotations

import datetime as dt

from beffroi.accessible.inclusion.workshops.models import ProposalState
from beffroi.accessible.information.signage.zones import zones_for

from .conftest import NOW, new_session

TITLE = "Prochains ateliers"


def rows(town, language="fr"):
    zones = zones_for(town.commune, None, language)
    return [row for zone in zones if zone.title == TITLE for row in zone.rows]


def test_the_next_sessions_come_in_order_and_leave_when_they_begin(town, clock):
    for days in (5, 3, 9, 7, 1):
        new_session(town, title=f"Dans {days} jours", days=days)
    assert [row.label for row in rows(town)] == [f"Dans {n} jours" for n in (1, 3, 5, 7)]
    first = rows(town)[0]
    assert first.value == "24\u00a0nov., 10\u00a0h"
    assert first.until == NOW + dt.timedelta(days=1, hours=2)
    clock.forward(days=1, hours=2)
    assert rows(town)[0].label == "Dans 3 jours"


def test_what_residents_may_not_join_is_not_on_the_screen(town, session):
    assert len(rows(town)) == 1
    session.workshop.state = ProposalState.PROPOSED
    session.workshop.save()
    assert rows(town) == []


def test_the_screen_says_it_in_its_language(town, session):
    assert rows(town, "en")[0].value == "3\u00a0Dec, 10\u00a0am"
