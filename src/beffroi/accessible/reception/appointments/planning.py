"""Actions on what makes slots: reasons, agents, openings, absences."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from beffroi.base.access.public import Actor
from beffroi.base.audit.public import record
from beffroi.base.authorities.models import Service, Site
from beffroi.base.outbox.public import announce
from beffroi.base.people.public import Person

from .models import Absence, Agent, Appointment, Opening, Reason, new_stamp
from .queries import appointments_during


@transaction.atomic
def save_reason(actor: Actor, reason: Reason) -> Reason:
    """Create or change a reason. Appointments already booked keep their length."""
    actor.require("appointments.configure")
    verb = "reason.changed" if reason.pk else "reason.created"
    reason.authority = actor.authority
    reason.save()
    record(actor, verb, reason)
    _told(actor)
    return reason


@transaction.atomic
def add_agent(
    actor: Actor, name: str, service: Service, site: Site | None, person: Person | None = None
) -> Agent:
    """Somebody who receives; `person` ties the agenda to an account’s owner."""
    actor.require("appointments.plan")
    agent = Agent.objects.create(
        authority=actor.authority, name=name.strip(), service=service, site=site, person=person
    )
    record(actor, "reception_agent.created", agent)
    return agent


@transaction.atomic
def save_opening(actor: Actor, opening: Opening, reasons: list[Reason]) -> Opening:
    """Create or change an opening and what is received there. Booked appointments stay."""
    actor.require("appointments.plan")
    verb = "opening.changed" if opening.pk else "opening.created"
    before = opening.pk and Opening.objects.values_list("agent_id", flat=True).get(pk=opening.pk)
    opening.authority = actor.authority
    opening.save()
    opening.reasons.set(reasons)
    record(actor, verb, opening, rule=opening.rule)
    _rules_changed(actor, {opening.agent_id, *([before] if before else [])})
    return opening


@transaction.atomic
def end_opening(actor: Actor, opening: Opening, last_day: dt.date) -> None:
    """Stop an opening after `last_day`; one that never took place is removed."""
    actor.require("appointments.plan")
    agent_id = opening.agent_id
    if last_day < opening.first_day:
        record(actor, "opening.removed", opening)
        opening.delete()
    else:
        opening.last_day = last_day
        opening.save(update_fields=["last_day"])
        record(actor, "opening.ended", opening)
    _rules_changed(actor, {agent_id})


@transaction.atomic
def add_absence(
    actor: Actor, agent: Agent, starts_at: dt.datetime, ends_at: dt.datetime, label: str = ""
) -> tuple[Absence, list[Appointment]]:
    """Close an agent’s calendar for a time. Answers the absence and the appointments to move."""
    actor.require("appointments.plan")
    absence = Absence.objects.create(
        authority=actor.authority,
        agent=agent,
        starts_at=starts_at,
        ends_at=ends_at,
        label=label.strip(),
    )
    record(actor, "absence.created", absence)
    Agent.objects.filter(pk=agent.pk).update(calendar_stamp=new_stamp())
    _told(actor)
    return absence, list(appointments_during(agent, starts_at, ends_at))


@transaction.atomic
def end_absence(actor: Actor, absence: Absence) -> None:
    actor.require("appointments.plan")
    record(actor, "absence.removed", absence)
    Agent.objects.filter(pk=absence.agent_id).update(calendar_stamp=new_stamp())
    absence.delete()
    _told(actor)


def _rules_changed(actor: Actor, agent_ids: set[int]) -> None:
    for agent_id in agent_ids:
        Agent.objects.filter(pk=agent_id).update(rules_stamp=new_stamp())
    _told(actor)


def _told(actor: Actor) -> None:
    announce([f"/slots/{actor.authority.slug}"], {})
