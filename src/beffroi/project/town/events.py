"""In a demonstration town, closing an intervention repairs what its crew was sent for."""

from __future__ import annotations

import time
from pathlib import Path

from django.conf import settings

from beffroi.base.outbox.public import OutboxEvent, consumer
from beffroi.project.town.control import Control
from beffroi.project.town.physics.disturbances import EMPTY, HEAT, LEAK, Disturbance
from beffroi.project.town.streets import FIRST, REST, VILLAGE
from beffroi.sustainable.territory.interventions.public import Intervention

SECTORS = {plan.key: plan.sector for plan in (*FIRST, *REST, *VILLAGE)}


@consumer("intervention_closed", name="town.repair")
def repair(event: OutboxEvent) -> None:
    """Ends the leaks and the heat of the streets concerned, and empties their containers.

    Elsewhere than in a demonstration town nothing is done: there people repair.
    """
    data: Path = settings.BEFFROI.data
    if not (data / "town.json").exists():
        return
    intervention = Intervention.objects.filter(pk=event.subject_id).first()
    if intervention is None:
        return
    control, now = Control(data), time.time()
    for place in _places(intervention):
        for kind in (LEAK, HEAT):
            control.end(kind, place, now)
        if intervention.domain == "waste":
            control.begin(Disturbance(EMPTY, place, now, 0.0, now + 1.0))


def _places(intervention: Intervention) -> list[str]:
    """The streets of the intervention; a leak of a street without meter is known by its sector."""
    streets = [street.slug for street in intervention.streets.all()]
    sectors = [SECTORS[slug] for slug in streets if slug in SECTORS]
    return [*streets, *dict.fromkeys(sectors)]
