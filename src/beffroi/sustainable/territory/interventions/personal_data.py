from __future__ import annotations

from beffroi.base.people.public import Person

from .models import Crew, LogEntry


def export(person: Person) -> list[dict[str, object]]:
    """What a person wrote in logs, and the crews it belongs to."""
    entries = LogEntry.objects.filter(person_key=person.key).select_related("intervention")
    written: list[dict[str, object]] = [
        {
            "intervention": entry.intervention.ref,
            "at": entry.at.isoformat(),
            "state": entry.state,
            "note": entry.note,
        }
        for entry in entries
    ]
    crews = Crew.objects.filter(members__person=person).values_list("name", flat=True)
    belonging: list[dict[str, object]] = [{"crew": name} for name in crews]
    return written + belonging


def erase(person: Person) -> None:
    """The works stay, without the name of who wrote about them."""
    LogEntry.objects.filter(person_key=person.key).update(author="")
    for crew in Crew.objects.filter(members__person=person):
        crew.members.remove(*crew.members.filter(person=person))
