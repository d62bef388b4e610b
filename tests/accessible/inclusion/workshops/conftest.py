"""One workshop with a session of two seats, and a clock that stands still."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from beffroi.accessible.inclusion.workshops.models import ProposalState, Session, Workshop

NOW = dt.datetime(2026, 11, 23, 7, 0, tzinfo=dt.UTC)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch):
    """Time stands still; `clock.forward(minutes=…)` moves it."""

    class Clock:
        now = NOW

        def forward(self, **by: float) -> None:
            self.now += dt.timedelta(**by)

    held = Clock()
    monkeypatch.setattr(timezone, "now", lambda: held.now)
    return held


def new_session(
    town, seats: int = 2, title: str = "Premiers pas en ligne", days: int = 10
) -> Session:
    workshop = Workshop.objects.create(
        authority=town.commune,
        title=title,
        summary="Créer une adresse, chercher, reconnaître une arnaque.",
        state=ProposalState.APPROVED,
    )
    starts = NOW + dt.timedelta(days=days, hours=2)
    return Session.objects.create(
        authority=town.commune,
        workshop=workshop,
        starts_at=starts,
        ends_at=starts + dt.timedelta(hours=2),
        site=town.site,
        seats=seats,
    )


@pytest.fixture
def session(town, clock) -> Session:
    return new_session(town)
