"""One town, planted: the same seed and the same day give the same town."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from beffroi.base.authorities.models import Authority
from beffroi.project.configuration import Installation
from beffroi.project.town.planting.authorities import Ground, plant_authorities
from beffroi.project.town.planting.information import plant_notices, plant_pages, plant_screens
from beffroi.project.town.planting.people import People, plant_people, shown_accounts
from beffroi.project.town.planting.reception import plant_reception
from beffroi.project.town.planting.territory import (
    plant_crews,
    plant_past,
    plant_rules,
    plant_things,
)
from beffroi.project.town.planting.workshops import plant_workshops

SIZES = ("tiny", "demo")
BOOKED = {"tiny": 3, "demo": 60}


class AlreadyPlanted(Exception):
    """The installation already has an authority: nothing was planted."""


@dataclass
class Town:
    """What was planted, and what its simulator needs."""

    size: str
    seed: int
    today: dt.date
    ground: Ground
    people: People
    tokens: dict[str, str]
    readings: int
    seconds: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """What `town.json` keeps. It holds the tokens of the devices: the file is private."""
        return {
            "size": self.size,
            "seed": self.seed,
            "planted_on": self.today.isoformat(),
            "accounts": shown_accounts(self.people),
            "devices": self.tokens,
            "try": [
                './run town leak --street "rue des Tanneurs" --flow 9',
                './run town repair --street "rue des Tanneurs"',
                "./run town status",
            ],
        }


def plant(size: str, seed: int, today: dt.date, now: dt.datetime | None = None) -> Town:
    """Plant a town of that size; its calendar begins on `today`.

    `now` is the instant at which its past ends, by default this one. Raises AlreadyPlanted when
    an authority exists. The rooms are planted in one transaction: a failure leaves nothing.
    """
    if size not in SIZES:
        raise ValueError(f"unknown size {size!r}: {' or '.join(SIZES)}")
    now = now or timezone.now()
    seconds: dict[str, float] = {}
    clock = time.perf_counter()

    def done(part: str) -> None:
        nonlocal clock
        seconds[part] = round(time.perf_counter() - clock, 3)
        clock = time.perf_counter()

    with transaction.atomic():
        if Authority.objects.exists():
            raise AlreadyPlanted
        ground = plant_authorities(size, seed)
        people = plant_people(ground, size, Installation.from_environment().demo_password)
        done("authorities")
        streams, tokens = plant_things(ground, size, seed)
        plant_rules(ground, plant_crews(ground, people), streams, size, seed)
        done("things")
        plant_reception(ground, people, size, seed, today, BOOKED[size])
        done("reception")
        plant_workshops(ground, people, size, seed, today)
        done("workshops")
        plant_pages(ground.vernay, size, today)
        if size == "demo":
            plant_notices(ground, people, today)
            plant_screens(ground, people)
        done("information")
        # Their store has transactions of its own; if ours fails, the next planting overwrites them.
        readings = plant_past(streams, size, seed, now)
        done("readings")
    return Town(size, seed, today, ground, people, tokens, readings, seconds)
