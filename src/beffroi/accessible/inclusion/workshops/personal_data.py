from __future__ import annotations

from django.db import transaction

from beffroi.base.access.public import Actor
from beffroi.base.people.public import Person

from . import actions
from .models import ALIVE, Registration


def export(person: Person) -> list[dict[str, object]]:
    """What a person registered for, in plain values."""
    return [
        {
            "ref": registration.ref,
            "workshop": registration.session.workshop.title,
            "starts_at": registration.session.starts_at.isoformat(),
            "state": registration.state,
            "needs": registration.needs,
            "attended": registration.attended,
        }
        for registration in Registration.objects.filter(person=person).select_related(
            "session__workshop"
        )
    ]


@transaction.atomic
def erase(person: Person) -> None:
    """Forget who came; seats to come go to those who wait."""
    mine = Registration.objects.filter(person=person)
    # Without a person no letter is written about what follows.
    coming = [r for r in mine.select_related("session") if r.state in ALIVE and r.session.is_open]
    mine.update(person=None, needs="")
    for registration in coming:
        actions.leave(Actor.system(registration.authority, "erasure"), registration)
