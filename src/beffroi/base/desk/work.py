"""The registry of work: each room says what waits for an agent, the desk makes one list of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from beffroi.base.access.public import Actor


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One thing that waits for somebody.

    ``kind`` is the word shown to the agent (« Constat », « Rendez-vous »), ``ref`` what tells the
    item from the others of its room, ``at`` when it appeared or is due (aware), ``url`` the page
    where it is dealt with. ``mine`` is true when it is assigned to the actor, ``team`` when it
    belongs to one of the actor's services; ``severity`` goes from 0 (none) to 4 (extreme).
    """

    kind: str | Promise
    ref: str
    title: str | Promise
    detail: str | Promise
    at: datetime
    url: str
    mine: bool = False
    team: bool = False
    severity: int = 0
    service: str | Promise = ""


WorkSource = Callable[[Actor], list[WorkItem]]

_sources: dict[str, WorkSource] = {}


def register_work(room: str, source: WorkSource) -> None:
    """Adds ``source`` to the desk; called once, in the ``ready()`` of the room's AppConfig.

    The desk calls it with the actor on every load of the list: it must answer with a number of
    queries that does not grow with the number of items, and only what the actor may see.
    """
    _sources[room] = source


def sources() -> dict[str, WorkSource]:
    return dict(_sources)
