from __future__ import annotations

from django.utils import timezone

from beffroi.base.people.public import Person

from . import claims
from .models import Agent, Appointment, ResourceKind, Status, new_stamp


def export(person: Person) -> list[dict[str, object]]:
    """What a person booked and gave, in plain values."""
    return [
        {
            "ref": appointment.ref,
            "reason": appointment.reason.label,
            "site": appointment.site.name,
            "starts_at": appointment.starts_at.isoformat(),
            "ends_at": appointment.ends_at.isoformat(),
            "status": appointment.status,
            "origin": appointment.origin,
            "documents": appointment.answers.get("documents", []),
            "note": appointment.answers.get("note", ""),
        }
        for appointment in Appointment.objects.filter(person=person).select_related(
            "reason", "site"
        )
    ]


def erase(person: Person) -> None:
    """Forget who came and what was given; coming appointments are cancelled, their slots freed."""
    mine = Appointment.objects.filter(person=person)
    coming = mine.filter(status__in=[Status.CONFIRMED, Status.HELD], starts_at__gt=timezone.now())
    freed = list(coming.values_list("pk", "agent_id"))
    claims.release(ResourceKind.AGENT, [pk for pk, _ in freed])
    coming.update(status=Status.CANCELLED, held_until=None)
    for agent_id in {agent for _, agent in freed}:
        Agent.objects.filter(pk=agent_id).update(calendar_stamp=new_stamp())
    mine.update(answers={}, person=None, request_key=None)
