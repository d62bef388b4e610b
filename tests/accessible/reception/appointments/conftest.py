"""One counter to book at: a reason, an agent, a site, and a clock that stands still on a Monday."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import pytest
from django.utils import timezone

from beffroi.accessible.reception.appointments.availability import Selection
from beffroi.accessible.reception.appointments.models import Agent, Opening, Reason
from beffroi.accessible.reception.appointments.queries import bookable_period, find_slots, grouped

NOW = dt.datetime(2026, 11, 23, 7, 0, tzinfo=dt.UTC)


@dataclass
class Counter:
    town: object
    reason: Reason
    agents: list[Agent] = field(default_factory=list)

    @property
    def wanted(self) -> Selection:
        return Selection(self.reason, self.town.site.pk)

    def starts(self) -> list[dt.datetime]:
        """The times that residents are offered now."""
        return [s.starts_at for s in grouped(find_slots(self.wanted, bookable_period(self.reason)))]

    def at(self, text: str) -> dt.datetime:
        """« 24 09:00 »: a local time of November 2026."""
        day, time = text.split()
        local = dt.datetime.combine(dt.date(2026, 11, int(day)), dt.time.fromisoformat(time))
        return local.replace(tzinfo=self.town.commune.zone)


def new_agent(
    town, reason: Reason, name: str, starts=(9, 0), ends=(12, 0), days=range(1, 6)
) -> Agent:
    agent = Agent.objects.create(
        authority=town.commune, service=reason.service, site=town.site, name=name
    )
    for weekday in days:
        opening = Opening.objects.create(
            authority=town.commune,
            agent=agent,
            site=town.site,
            weekday=weekday,
            starts=dt.time(*starts),
            ends=dt.time(*ends),
            first_day=dt.date(2026, 1, 5),
        )
        opening.reasons.add(reason)
    return agent


def passport(town, **more: object) -> Reason:
    return Reason.objects.create(
        authority=town.commune,
        service=town.services["etat-civil"],
        label="Passeport",
        duration=30,
        documents=["Photo d’identité", "Justificatif de domicile"],
        **{"min_notice": 30, "max_notice": 30, **more},
    )


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


@pytest.fixture
def counter(town, clock) -> Counter:
    reason = passport(town)
    return Counter(town, reason, [new_agent(town, reason, "Inès Moreau")])
