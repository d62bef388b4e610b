"""Why something exists: `caused_by` edges, and the chain that a page draws as the cord."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from django.db.models import Model, Q

from beffroi.base.access.actor import Actor

from .models import Edge

__all__ = [
    "Reading",
    "Step",
    "causes_of",
    "chain",
    "describe",
    "effects_of",
    "link",
    "readings_behind",
]

Reading = Sequence[object]
Node = tuple[str, int]
#: A chain is short by nature (reading, rule, insight, intervention, notice…); the bound stops a cycle.
MOST_STEPS = 40


@dataclass(frozen=True)
class Step:
    """One knot of the cord. `state` is `done`, `now` or `next`; `url` may be empty."""

    kind_label: str
    title: str
    detail: str = ""
    at: dt.datetime | None = None
    url: str = ""
    state: str = "done"


Describe = Callable[[int, int | None, Actor], Step | None]
_DESCRIPTIONS: dict[str, Describe] = {}


def describe(kind: str, description: Describe) -> None:
    """Say how objects of a kind (`app.model`, lower case) are shown on the cord.

    `description(id, version, actor)` answers None for what the actor may not see.
    """
    _DESCRIPTIONS[kind.lower()] = description


def link(effect: Model, cause: Model, readings: Sequence[Reading] = (), note: str = "") -> Edge:
    """Record, in the business transaction, that `effect` was caused by `cause`; twice is once.

    `readings` are rows of [ISO time, value, unit, label], copied.
    """
    edge, _ = Edge.objects.get_or_create(
        effect_kind=effect._meta.label_lower,
        effect_id=effect.pk,
        cause_kind=cause._meta.label_lower,
        cause_id=cause.pk,
        cause_version=getattr(cause, "version", None),
        defaults={"readings": [list(row) for row in readings], "note": note},
    )
    return edge


def causes_of(effect: Model) -> list[Edge]:
    return list(Edge.objects.filter(effect_kind=effect._meta.label_lower, effect_id=effect.pk))


def effects_of(cause: Model, kind: str = "") -> list[Edge]:
    """The edges that start from `cause`, of one kind of effect (`app.model`) when given."""
    edges = Edge.objects.filter(cause_kind=cause._meta.label_lower, cause_id=cause.pk)
    return list(edges.filter(effect_kind=kind.lower()) if kind else edges)


def readings_behind(effect: Model) -> list[Reading]:
    """The readings copied on the way to `effect`, walking the causes upwards."""
    found: list[Reading] = []
    for _, edges in _walk({(effect._meta.label_lower, effect.pk)}, upwards=True):
        for edge in edges:
            found.extend(edge.readings)
    return found


def chain(subject: Model, actor: Actor) -> list[Step]:
    """The steps from the first cause to the last effect, as far as the actor may see them.

    Two queries a level, whatever the number of edges.
    """
    node = (subject._meta.label_lower, subject.pk)
    versions: dict[Node, int | None] = {node: getattr(subject, "version", None)}
    before: list[Node] = []
    for new, edges in _walk({node}, upwards=True):
        versions.update({(e.cause_kind, e.cause_id): e.cause_version for e in edges})
        level = dict.fromkeys((e.cause_kind, e.cause_id) for e in edges)
        before = [n for n in level if n in new] + before
    after: list[Node] = []
    for new, edges in _walk({node}, upwards=False):
        level = dict.fromkeys((e.effect_kind, e.effect_id) for e in edges)
        after += [n for n in level if n in new and n not in before]
    steps = []
    for kind, id in [*before, node, *after][:MOST_STEPS]:
        description = _DESCRIPTIONS.get(kind)
        step = description(id, versions.get((kind, id)), actor) if description else None
        if step is not None:
            steps.append(replace(step, state="now") if (kind, id) == node else step)
    return steps


def _walk(start: set[Node], *, upwards: bool) -> list[tuple[set[Node], list[Edge]]]:
    """Levels of edges from `start`, up to the causes or down to the effects; each node once."""
    here, there = ("effect", "cause") if upwards else ("cause", "effect")
    seen, frontier, levels = set(start), set(start), []
    while frontier and len(seen) <= MOST_STEPS:
        condition = Q()
        for kind in {kind for kind, _ in frontier}:
            ids = [id for k, id in frontier if k == kind]
            condition |= Q(**{f"{here}_kind": kind, f"{here}_id__in": ids})
        edges = list(Edge.objects.filter(condition))
        frontier = {(getattr(e, f"{there}_kind"), getattr(e, f"{there}_id")) for e in edges} - seen
        seen |= frontier
        if edges:
            levels.append((frontier, edges))
    return levels
