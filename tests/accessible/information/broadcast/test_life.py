"""A notice from the proposal to its end, whoever or whatever moves it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from tests.accessible.information.broadcast.conftest import content
from tests.conftest import World

from beffroi.accessible.information.broadcast import actions, tasks
from beffroi.accessible.information.broadcast.models import EndedHow, Notice, State
from beffroi.accessible.information.broadcast.public import (
    current_notices,
    notice_for_cause,
    propose,
)
from beffroi.base.access.public import Actor, PermissionDenied
from beffroi.base.audit.models import Entry
from beffroi.base.outbox.models import Announcement, OutboxEvent
from beffroi.base.outbox.public import declare_event, emit
from beffroi.base.provenance.public import chain, readings_behind
from beffroi.base.tasks.models import Task

Make = Callable[..., Notice]


def run_tasks(*names: str) -> None:
    """Do the due tasks of these names in this process."""
    from beffroi.base.tasks.registry import find

    while (
        task := Task.objects.filter(name__in=names, due__lte=timezone.now()).order_by("pk").first()
    ):
        task.delete()
        find(task.name).function(**task.arguments)


def test_a_rule_proposes_and_never_publishes(town: World, agent: Actor) -> None:
    rule = Actor.system(town.syndicat, "rule engine")  # type: ignore[arg-type]
    reading = ["2026-11-24T03:12:00+00:00", 9.0, "m³/h", "Débit de nuit"]
    notice = propose(
        rule, town.site, town.commune, "Coupure d’eau", "Une fuite.", 3, "water",  # type: ignore[arg-type]
        [town.streets["rue-des-tanneurs"]], readings=[reading],  # type: ignore[list-item]
    )  # fmt: skip
    assert (notice.state, notice.proposed_by) == (State.PROPOSED, "rule engine")
    assert readings_behind(notice) == [reading]
    assert current_notices(town.commune) == []  # type: ignore[arg-type]
    with pytest.raises(PermissionDenied):
        actions.publish(Actor.system(town.commune, "rule engine"), notice)  # type: ignore[arg-type]
    actions.publish(agent, notice)
    assert current_notices(town.commune) == [notice]  # type: ignore[arg-type]


def test_the_same_cause_proposes_once(town: World) -> None:
    rule = Actor.system(town.commune, "rule engine")  # type: ignore[arg-type]
    arguments = (town.commune, "Titre", "Texte.", 2, "roads")
    first = propose(rule, town.site, *arguments)  # type: ignore[arg-type]
    assert propose(rule, town.site, *arguments) == first  # type: ignore[arg-type]
    assert notice_for_cause(town.site) == first  # type: ignore[arg-type]
    assert OutboxEvent.objects.filter(kind="notice_proposed").count() == 1


def test_only_the_holder_of_the_domain_proposes_to_another_authority(town: World) -> None:
    syndicat = Actor.system(town.syndicat, "rule engine")  # type: ignore[arg-type]
    with pytest.raises(PermissionDenied):
        propose(syndicat, None, town.commune, "Titre", "Texte.", 2, "roads")  # type: ignore[arg-type]
    stranger = Actor.system(town.other, "rule engine")  # type: ignore[arg-type]
    with pytest.raises(PermissionDenied):
        propose(stranger, None, town.commune, "Titre", "Texte.", 2, "water")  # type: ignore[arg-type]


def test_streets_of_another_authority_are_refused(town: World, actor: Callable[..., Actor]) -> None:
    elsewhere = actor("agent", town.other)
    with pytest.raises(ValidationError, match="rue choisie"):
        actions.propose(elsewhere, town.other, content(town))  # type: ignore[arg-type]
    assert not Notice.objects.exists()


@pytest.mark.parametrize("role", ["resident", "partner", "field", "admin", "anonymous"])
def test_who_may_not_publish(actor: Callable[..., Actor], proposed: Make, role: str) -> None:
    notice = proposed()
    with pytest.raises(PermissionDenied):
        actions.publish(actor(role), notice)
    notice.refresh_from_db()
    assert notice.state == State.PROPOSED


@pytest.mark.parametrize("role", ["agent", "head"])
def test_who_may_publish(actor: Callable[..., Actor], proposed: Make, role: str) -> None:
    someone = actor(role)
    notice = actions.publish(someone, proposed())
    assert (notice.state, notice.published_by) == (State.PUBLISHED, someone.person_key)


def test_an_agent_of_another_authority_touches_nothing(
    town: World, actor: Callable[..., Actor], published: Make
) -> None:
    notice, stranger = published(), actor("agent", town.other)
    for act in (
        lambda: actions.publish(stranger, notice),
        lambda: actions.end(stranger, notice),
        lambda: actions.edit(stranger, notice, content(town), notice.version),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert current_notices(town.commune) == [notice]  # type: ignore[arg-type]
    assert current_notices(town.other) == []  # type: ignore[arg-type]


def test_publishing_tells_rooms_pages_and_the_journal_once(agent: Actor, proposed: Make) -> None:
    notice = proposed()
    actions.publish(agent, notice)
    actions.publish(agent, notice)
    assert OutboxEvent.objects.filter(kind="notice_published").count() == 1
    assert Entry.objects.filter(verb="notice.published").count() == 1
    [call] = Announcement.objects.filter(data__state="published")
    assert "/notices/vernay" in call.topics
    notice.refresh_from_db()
    assert notice.version == 2
    assert [v.version for v in notice.versions.all()] == [1, 2]


def test_a_publication_that_is_rolled_back_tells_nobody(
    town: World, agent: Actor, proposed: Make
) -> None:
    notice = proposed()
    with transaction.atomic():
        actions.publish(agent, notice)
        transaction.set_rollback(True)
    assert current_notices(town.commune) == []  # type: ignore[arg-type]
    assert not OutboxEvent.objects.filter(kind="notice_published").exists()
    assert not Announcement.objects.filter(data__state="published").exists()


def test_publishing_an_older_text_is_refused(town: World, agent: Actor, proposed: Make) -> None:
    notice = proposed()
    actions.edit(agent, notice, content(town, title="Autre titre"), notice.version)
    with pytest.raises(actions.ChangedMeanwhile):
        actions.publish(agent, notice, expected_version=1)
    with pytest.raises(actions.ChangedMeanwhile):
        actions.edit(agent, notice, content(town), 1)


def test_a_published_notice_is_updated_everywhere(
    town: World, agent: Actor, published: Make
) -> None:
    notice = published()
    updated = actions.edit(agent, notice, content(town, body="Retour à midi."), notice.version)
    assert updated.version == notice.version + 1
    assert OutboxEvent.objects.filter(kind="notice_updated").count() == 1
    [shown] = current_notices(town.commune)  # type: ignore[arg-type]
    assert shown.body == "Retour à midi."


def test_what_never_was_published_is_set_aside(
    agent: Actor, proposed: Make, published: Make
) -> None:
    cancelled = actions.cancel(agent, proposed())
    assert cancelled.state == State.CANCELLED
    with pytest.raises(actions.NotPossible):
        actions.publish(agent, cancelled)
    with pytest.raises(actions.NotPossible):
        actions.cancel(agent, published())


def test_the_end_of_the_cause_ends_the_notice_by_itself(town: World, agent: Actor) -> None:
    rule = Actor.system(town.commune, "rule engine")  # type: ignore[arg-type]
    shown = propose(rule, town.site, town.commune, "Coupure", "Texte.", 3, "water")  # type: ignore[arg-type]
    waiting = propose(rule, town.other, town.commune, "Autre", "Texte.", 3, "water")  # type: ignore[arg-type]
    actions.publish(agent, shown)
    declare_event_once("insight_ended")
    for cause in (town.site, town.other, town.site):
        emit("insight_ended", cause)  # type: ignore[arg-type]
    run_tasks("event:broadcast.end_with_cause")
    shown.refresh_from_db()
    waiting.refresh_from_db()
    assert (shown.state, shown.ended_how) == (State.ENDED, EndedHow.RESOLVED)
    assert "Terminé" in shown.ending
    assert waiting.state == State.CANCELLED
    assert OutboxEvent.objects.filter(kind="notice_ended").count() == 1
    assert current_notices(town.commune) == []  # type: ignore[arg-type]


def declare_event_once(kind: str) -> None:
    """The room that emits it may not be there yet when this room is tested alone."""
    from beffroi.base.outbox.public import KINDS

    if kind not in KINDS:
        declare_event(kind, "An insight is over.")


def test_the_consumer_may_run_twice(town: World, agent: Actor) -> None:
    rule = Actor.system(town.commune, "rule engine")  # type: ignore[arg-type]
    notice = propose(rule, town.site, town.commune, "Coupure", "Texte.", 3, "water")  # type: ignore[arg-type]
    actions.publish(agent, notice)
    for _ in range(2):
        actions.end_for_cause("authorities.site", town.site.pk, "rule engine")  # type: ignore[attr-defined]
    notice.refresh_from_db()
    assert notice.version == 3
    assert OutboxEvent.objects.filter(kind="notice_ended").count() == 1


def test_its_time_takes_it_away_even_when_the_worker_sleeps(town: World, published: Make) -> None:
    notice = published(ends_at=timezone.now() + timedelta(hours=1))
    assert Task.objects.filter(name="broadcast.expire", due=notice.ends_at).count() == 1
    Notice.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    assert current_notices(town.commune) == []  # type: ignore[arg-type]
    notice.refresh_from_db()
    assert (notice.state, notice.shown_state) == (State.PUBLISHED, State.ENDED)
    tasks.expire_due()
    tasks.expire(notice.pk)
    notice.refresh_from_db()
    assert (notice.state, notice.ended_how) == (State.ENDED, EndedHow.EXPIRED)
    assert OutboxEvent.objects.filter(kind="notice_ended").count() == 1


def test_an_end_that_was_put_off_is_respected(town: World, agent: Actor, published: Make) -> None:
    soon = timezone.now() + timedelta(minutes=5)
    notice = published(ends_at=soon)
    actions.edit(agent, notice, content(town, ends_at=soon + timedelta(hours=3)), notice.version)
    tasks.expire(notice.pk)
    assert len(current_notices(town.commune)) == 1  # type: ignore[arg-type]


def test_impossible_times_are_refused(town: World, agent: Actor, proposed: Make) -> None:
    now = timezone.now()
    with pytest.raises(ValidationError, match="après le début"):
        proposed(starts_at=now, ends_at=now - timedelta(hours=1))
    past = proposed(ends_at=now + timedelta(hours=1))
    Notice.objects.filter(pk=past.pk).update(ends_at=now - timedelta(hours=1))
    past.refresh_from_db()
    with pytest.raises(ValidationError, match="déjà passée"):
        actions.publish(agent, past)


def test_a_street_sees_its_own_notices_and_everybodys(town: World, published: Make) -> None:
    own = published()
    everywhere = published(title="Conseil municipal", severity=1, domain="general", streets=[])
    tanneurs, foch = town.streets["rue-des-tanneurs"], town.streets["quai-foch"]
    assert current_notices(town.commune, tanneurs) == [own, everywhere]  # type: ignore[arg-type]
    assert current_notices(town.commune, foch) == [everywhere]  # type: ignore[arg-type]


def test_the_reason_is_on_the_cord_for_agents_and_readers(
    town: World, agent: Actor, proposed: Make
) -> None:
    notice = proposed()
    nobody = Actor.anonymous(town.commune)  # type: ignore[arg-type]
    assert chain(notice, nobody) == []
    assert [step.title for step in chain(notice, agent)] == [notice.title]
    actions.publish(agent, notice)
    [step] = chain(notice, nobody)
    assert step.url == f"/annonces/{notice.ref}/"


def test_how_long_it_took_is_read_from_the_records(
    town: World, agent: Actor, published: Make
) -> None:
    notice = published()
    accepted = notice.published_at + timedelta(milliseconds=40)
    Announcement.objects.filter(data__notice=notice.ref).update(published_at=accepted)
    Task.objects.filter(name="broadcast.note_acceptance").update(due=timezone.now())
    run_tasks("broadcast.note_acceptance")
    version = notice.versions.get(version=notice.version)
    assert version.accepted_ms == 40
    assert version.delivered_ms is None
