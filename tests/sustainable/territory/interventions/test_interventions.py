"""Crews and their work: who may do what, what is kept, what is forgotten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from beffroi.base.access.public import Actor, PermissionDenied
from beffroi.base.desk import work
from beffroi.base.people.public import erase_person, export_person
from beffroi.sustainable.territory.interventions import actions
from beffroi.sustainable.territory.interventions.models import Crew, Intervention, LogEntry, State

from ..conftest import Sector


@pytest.fixture
def job(sector: Sector, actor: Callable[..., Actor], town: Any) -> Intervention:
    return actions.create(
        actor("agent"), town.syndicat, "water", "Fuite rue des Tanneurs", place="rue des Tanneurs"
    )


def test_without_a_crew_it_waits_and_with_one_it_is_sent(
    job: Intervention, sector: Sector, agent: Actor
) -> None:
    assert job.state == State.PROPOSED
    with pytest.raises(actions.NotPossible):
        actions.start(agent, job)
    assert actions.assign(agent, job, sector.crew).state == State.SENT


def test_a_crew_of_another_authority_is_refused(job: Intervention, agent: Actor, town: Any) -> None:
    stranger = Crew.objects.create(authority=town.commune, name="Voirie", domain="water")
    with pytest.raises(ValidationError):
        actions.assign(agent, job, stranger)
    with pytest.raises(ValidationError):
        actions.create(agent, town.syndicat, "water", "Autre", stranger)


def test_nobody_creates_where_nothing_is_shared(
    actor: Callable[..., Actor], town: Any, sector: Sector
) -> None:
    with pytest.raises(PermissionDenied):
        actions.create(actor("agent", town.other), town.syndicat, "water", "Fuite")
    with pytest.raises(PermissionDenied):
        actions.create(actor("agent"), town.syndicat, "energy", "Panne")
    assert not Intervention.objects.exists()


def test_a_person_of_the_field_acts_on_the_work_of_its_crews_only(
    job: Intervention, sector: Sector, agent: Actor, actor: Callable[..., Actor], town: Any
) -> None:
    luc = actor("field", town.syndicat)
    with pytest.raises(PermissionDenied):
        actions.report(luc, job, "J’y suis")
    actions.assign(agent, job, sector.crew)
    actions.start(luc, job)
    actions.report(luc, job, "J’y suis")
    with pytest.raises(PermissionDenied):
        actions.close(luc, job, "fini")


def test_a_closed_intervention_stays_closed(job: Intervention, agent: Actor) -> None:
    with pytest.raises(ValidationError):
        actions.close(agent, job)
    actions.close(agent, job, "Fausse alerte")
    assert actions.close(agent, job).state == State.CLOSED
    with pytest.raises(actions.NotPossible):
        actions.report(agent, job, "encore")


def test_what_caused_it_ends_once(
    job: Intervention, agent: Actor, sector: Sector, town: Any
) -> None:
    caused = actions.create(agent, town.syndicat, "water", "Fuite", sector.crew, cause=sector.thing)
    shown = {"readings": [["2026-11-24T03:00:00+00:00", 6.0, "m³/h", "Débit"]], "unit": "m³/h"}
    kind = sector.thing._meta.label_lower
    assert actions.ask_to_close(kind, sector.thing.pk, "règle", "normal", shown) == [caused]
    assert actions.ask_to_close(kind, sector.thing.pk, "règle", "normal", shown) == []
    caused.refresh_from_db()
    assert caused.is_verified
    assert caused.log.count() == 2
    actions.close(agent, caused)
    again = actions.create(agent, town.syndicat, "water", "Fuite", sector.crew, cause=sector.thing)
    assert again != caused


def test_it_stands_on_the_desk_of_who_deals_with_it(
    job: Intervention, agent: Actor, sector: Sector, actor: Callable[..., Actor], town: Any
) -> None:
    listed = work.sources()["interventions"]
    assert [item.title for item in listed(agent)] == ["Fuite rue des Tanneurs"]
    assert listed(actor("agent", town.other)) == []
    assert listed(actor("resident")) == []
    actions.assign(agent, job, sector.crew)
    (item,) = listed(actor("field", town.syndicat))
    assert item.mine


def test_erasing_a_person_leaves_the_work_without_the_name(
    job: Intervention, sector: Sector, agent: Actor, actor: Callable[..., Actor], town: Any
) -> None:
    actions.assign(agent, job, sector.crew)
    luc = actor("field", town.syndicat)
    actions.report(luc, job, "Vanne fermée")
    person = luc.account.person  # type: ignore[union-attr]
    exported = export_person(person)["interventions"]
    assert [row.get("note") or row.get("crew") for row in exported] == ["Vanne fermée", "Eau 2"]  # type: ignore[attr-defined]
    erase_person(person)
    entry = LogEntry.objects.get(note="Vanne fermée")
    assert entry.author == ""
    assert not sector.crew.members.exists()
