"""Holding, booking, moving, cancelling: what each does, and what it refuses."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from tests.accessible.reception.appointments.conftest import new_agent

from beffroi.accessible.reception.appointments import actions, planning
from beffroi.accessible.reception.appointments.models import (
    Appointment,
    Claim,
    Opening,
    Origin,
    Status,
)
from beffroi.accessible.reception.appointments.tasks import expire, expire_due, forget
from beffroi.base.access.public import door
from beffroi.base.audit.models import Entry
from beffroi.base.notify.models import Mail
from beffroi.base.outbox.models import OutboxEvent
from beffroi.base.people.public import erase_person, export_person

JEANNE = actions.Contact("Jeanne", "Martin", "jeanne@vernay.example", "")
NOTHING = actions.Given()


def held(counter, who, at="24 09:00", **more) -> Appointment:
    return actions.hold(who, counter.wanted, counter.at(at), **more)


def test_a_held_slot_is_no_longer_offered_and_comes_back_when_it_expires(counter, actor, clock):
    before = counter.starts()
    appointment = held(counter, actor("anonymous"))
    assert counter.at("24 09:00") in before
    assert counter.starts() == [s for s in before if s != counter.at("24 09:00")]
    clock.forward(minutes=5, seconds=1)
    assert counter.starts() == before
    expire(appointment.pk)
    appointment.refresh_from_db()
    assert appointment.status == Status.EXPIRED
    assert not Claim.objects.exists()


def test_the_second_who_wanted_it_is_offered_the_three_nearest(counter, actor):
    held(counter, actor("anonymous"), "24 10:00")
    with pytest.raises(actions.SlotTaken) as taken:
        held(counter, actor("anonymous"), "24 10:00")
    assert [slot.starts_at for slot in taken.value.alternatives] == [
        counter.at(text) for text in ("24 09:00", "24 09:30", "24 10:30")
    ]


def test_with_two_agents_both_are_served_and_the_less_loaded_first(counter, actor, town):
    other = new_agent(town, counter.reason, "Omar Diallo")
    held(counter, actor("anonymous"), "25 09:00")
    first = held(counter, actor("anonymous"))
    second = held(counter, actor("anonymous"))
    assert {first.agent_id, second.agent_id} == {counter.agents[0].pk, other.pk}
    assert first.agent.appointments.count() == 1
    with pytest.raises(actions.SlotTaken):
        held(counter, actor("anonymous"))


def test_an_expired_hold_never_blocks_even_when_no_task_has_run(counter, actor, clock):
    held(counter, actor("anonymous"))
    clock.forward(minutes=6)
    assert held(counter, actor("anonymous")).is_live


def test_a_hold_is_extended_once(counter, actor, clock):
    who = actor("anonymous")
    appointment = held(counter, who)
    clock.forward(minutes=4)
    actions.extend(who, appointment)
    clock.forward(minutes=4)
    assert counter.at("24 09:00") not in counter.starts()
    with pytest.raises(actions.NotPossible):
        actions.extend(who, appointment)


def test_a_hold_that_is_over_is_not_extended(counter, actor, clock):
    appointment = held(counter, actor("anonymous"))
    clock.forward(minutes=5)
    with pytest.raises(actions.NotPossible):
        actions.extend(actor("anonymous"), appointment)


def test_booking_keeps_what_was_given_and_writes_to_the_resident(counter, actor):
    appointment = held(counter, actor("anonymous"))
    given = actions.Given(["Photo d’identité"], "Je viens avec ma fille")
    appointment = actions.confirm(actor("anonymous"), appointment, JEANNE, given)
    assert appointment.status == Status.CONFIRMED
    assert str(appointment.person) == "Jeanne Martin"
    assert appointment.answers == {
        "documents": ["Photo d’identité"],
        "note": "Je viens avec ma fille",
    }
    mail = Mail.objects.get()
    assert "mardi 24" in mail.subject
    assert "Passeport" not in mail.subject
    assert appointment.ref in mail.text
    assert [event.kind for event in OutboxEvent.objects.all()] == ["appointment_confirmed"]
    verbs = set(Entry.objects.values_list("verb", flat=True))
    assert {"appointment.held", "appointment.confirmed"} <= verbs
    assert "Martin" not in str(list(Entry.objects.values_list("detail", flat=True)))


def test_confirming_twice_books_and_writes_once(counter, actor):
    appointment = held(counter, actor("anonymous"))
    for _ in range(2):
        actions.confirm(actor("anonymous"), appointment, JEANNE, NOTHING)
    assert Mail.objects.count() == 1
    assert OutboxEvent.objects.count() == 1


def test_too_late_but_still_free_is_booked(counter, actor, clock):
    appointment = held(counter, actor("anonymous"))
    clock.forward(minutes=20)
    expire_due()
    assert actions.confirm(actor("anonymous"), appointment, JEANNE, NOTHING).is_live
    assert Claim.objects.filter(expires_at=None).count() == 6


def test_too_late_and_taken_is_refused_with_the_nearest(counter, actor, clock):
    late = held(counter, actor("anonymous"))
    clock.forward(minutes=6)
    held(counter, actor("anonymous"))
    with pytest.raises(actions.SlotTaken) as taken:
        actions.confirm(actor("anonymous"), late, JEANNE, NOTHING)
    assert len(taken.value.alternatives) == 3
    assert not Mail.objects.exists()


@pytest.mark.parametrize(
    "contact",
    [
        actions.Contact("Jeanne", "  ", "jeanne@vernay.example"),
        actions.Contact("Jeanne", "Martin"),
        actions.Contact("Jeanne", "Martin", "pas une adresse"),
        actions.Contact("Jeanne", "Mar\x00tin", "jeanne@vernay.example"),
        actions.Contact("J" * 101, "Martin", "jeanne@vernay.example"),
    ],
)
def test_a_booking_needs_a_name_and_a_way_to_answer(counter, actor, contact):
    appointment = held(counter, actor("anonymous"))
    with pytest.raises(ValidationError):
        actions.confirm(actor("anonymous"), appointment, contact, NOTHING)
    appointment.refresh_from_db()
    assert appointment.status == Status.HELD


def test_a_document_that_is_not_asked_for_is_refused(counter, actor):
    appointment = held(counter, actor("anonymous"))
    with pytest.raises(ValidationError):
        actions.confirm(actor("anonymous"), appointment, JEANNE, actions.Given(["Chéquier"]))


@pytest.mark.parametrize("name", ["Zoë 🐝", "<script>alert(1)</script>", "مريم", "O’Brien-N'Guyen"])
def test_names_of_all_kinds_are_kept_as_they_are(counter, actor, name):
    appointment = held(counter, actor("anonymous"))
    contact = actions.Contact("", name, "", "0612345678")
    booked = actions.confirm(actor("anonymous"), appointment, contact, NOTHING)
    booked.refresh_from_db()
    assert booked.person.family_name == name
    assert not Mail.objects.exists()


def test_the_same_request_twice_is_one_hold(counter, actor):
    first = held(counter, actor("anonymous"), request_key="k1")
    assert held(counter, actor("anonymous"), request_key="k1") == first
    with pytest.raises(actions.RequestKeyReused):
        held(counter, actor("anonymous"), "24 11:00", request_key="k1")


@pytest.mark.parametrize("at", ["24 09:10", "24 08:30", "24 12:00", "28 09:00", "23 08:00"])
def test_a_time_that_is_not_offered_is_not_held(counter, actor, at):
    with pytest.raises(actions.SlotTaken):
        held(counter, actor("anonymous"), at)
    assert not Appointment.objects.exists()


def test_residents_are_bound_by_the_notice_and_agents_are_not(counter, actor):
    with pytest.raises(actions.SlotTaken):
        actions.hold(
            actor("anonymous"), counter.wanted, counter.at("23 09:00") - dt.timedelta(days=28)
        )
    past = counter.at("23 09:00") - dt.timedelta(days=28)
    assert actions.hold(actor("agent"), counter.wanted, past, origin=Origin.COUNTER).is_live


def test_booking_for_somebody_is_the_agents_right(counter, actor):
    with pytest.raises(PermissionDenied):
        held(counter, actor("resident"), origin=Origin.COUNTER)
    appointment = held(counter, actor("agent"), origin=Origin.PHONE)
    booked = actions.confirm(actor("agent"), appointment, JEANNE, NOTHING)
    assert booked.person != actor("agent").account.person


def test_a_signed_in_resident_books_for_himself(counter, actor):
    appointment = held(counter, actor("resident"))
    booked = actions.confirm(actor("resident"), appointment, JEANNE, NOTHING)
    assert booked.person == actor("resident").account.person


def test_cancelling_frees_the_slot_and_says_so(counter, actor):
    appointment = held(counter, actor("anonymous"))
    actions.confirm(actor("anonymous"), appointment, JEANNE, NOTHING)
    actions.cancel(actor("anonymous"), appointment)
    assert counter.at("24 09:00") in counter.starts()
    assert Mail.objects.count() == 2
    actions.cancel(actor("anonymous"), appointment)
    assert Mail.objects.count() == 2


def test_what_is_past_is_not_cancelled_by_the_resident(counter, actor, clock):
    appointment = held(counter, actor("anonymous"))
    actions.confirm(actor("anonymous"), appointment, JEANNE, NOTHING)
    clock.forward(days=3)
    with pytest.raises(actions.NotPossible):
        actions.cancel(actor("anonymous"), appointment)


def test_moving_keeps_the_old_time_until_the_new_one_is_won(counter, actor):
    appointment = held(counter, actor("anonymous"))
    appointment = actions.confirm(actor("anonymous"), appointment, JEANNE, NOTHING)
    held(counter, actor("anonymous"), "24 11:00")
    with pytest.raises(actions.SlotTaken):
        actions.reschedule(actor("anonymous"), appointment, counter.at("24 11:00"))
    assert counter.at("24 09:00") not in counter.starts()
    moved = actions.reschedule(actor("anonymous"), appointment, counter.at("25 10:00"))
    assert moved.starts_at == counter.at("25 10:00")
    assert moved.ref == appointment.ref
    assert counter.at("24 09:00") in counter.starts()
    assert counter.at("25 10:00") not in counter.starts()
    assert Mail.objects.order_by("-pk").first().subject.startswith("Votre rendez-vous est déplacé")


def test_a_hold_is_not_moved(counter, actor):
    with pytest.raises(actions.NotPossible):
        actions.reschedule(
            actor("anonymous"), held(counter, actor("anonymous")), counter.at("25 10:00")
        )


def test_attendance_is_noted_by_agents(counter, actor):
    appointment = held(counter, actor("anonymous"))
    with pytest.raises(actions.NotPossible):
        actions.mark(actor("agent"), appointment, came=True)
    actions.confirm(actor("anonymous"), appointment, JEANNE, NOTHING)
    with pytest.raises(PermissionDenied):
        actions.mark(actor("partner"), appointment, came=True)
    assert actions.mark(actor("agent"), appointment, came=False).status == Status.NO_SHOW
    assert actions.mark(actor("agent"), appointment, came=True).status == Status.HONOURED


def test_an_absence_closes_the_calendar_and_names_what_must_move(counter, actor):
    appointment = held(counter, actor("anonymous"))
    actions.confirm(actor("anonymous"), appointment, JEANNE, NOTHING)
    absence, to_move = planning.add_absence(
        actor("agent"), counter.agents[0], counter.at("24 00:00"), counter.at("25 00:00")
    )
    assert to_move == [appointment]
    assert counter.at("24 00:00").date() not in {start.date() for start in counter.starts()}
    with pytest.raises(actions.SlotTaken):
        held(counter, actor("anonymous"), "24 10:00")
    planning.end_absence(actor("agent"), absence)
    assert counter.at("24 10:00") in counter.starts()


def test_an_opening_that_changes_changes_what_is_offered(counter, actor):
    tuesday = Opening.objects.get(agent=counter.agents[0], weekday=2)
    tuesday.excluded_days = ["2026-11-24"]
    planning.save_opening(actor("agent"), tuesday, [counter.reason])
    assert counter.at("24 09:00") not in counter.starts()
    planning.end_opening(actor("agent"), tuesday, dt.date(2026, 11, 30))
    assert {
        start.astimezone(counter.town.commune.zone).isoweekday() for start in counter.starts()
    } == {
        1,
        3,
        4,
        5,
    }
    planning.save_opening(
        actor("agent"), Opening.objects.get(agent=counter.agents[0], weekday=3), []
    )
    assert counter.at("25 09:00") not in counter.starts()


def test_planning_and_reasons_have_their_own_rights(counter, actor):
    with pytest.raises(PermissionDenied):
        planning.save_reason(actor("agent"), counter.reason)
    with pytest.raises(PermissionDenied):
        planning.end_opening(actor("resident"), Opening.objects.first(), dt.date(2026, 11, 30))
    planning.save_reason(actor("head"), counter.reason)


def test_no_slot_on_a_public_holiday(counter, clock):
    clock.now = dt.datetime(2026, 12, 20, 8, tzinfo=dt.UTC)
    days = {start.date() for start in counter.starts()}
    assert dt.date(2026, 12, 24) in days
    assert dt.date(2026, 12, 25) not in days


def test_another_authority_sees_none_of_it(counter, actor, town):
    outsider = actor("agent", town.other)
    appointment = held(counter, actor("anonymous"))
    with pytest.raises(Http404):
        door(Appointment, outsider, ref=appointment.ref)


def test_what_came_to_nothing_is_forgotten_soon_and_the_rest_after_two_years(counter, actor, clock):
    left = held(counter, actor("anonymous"))
    kept = held(counter, actor("anonymous"), "24 10:00")
    actions.confirm(actor("anonymous"), kept, JEANNE, NOTHING)
    actions.give_up(actor("anonymous"), left)
    clock.forward(days=2)
    Appointment.objects.filter(pk=left.pk).update(changed_at=clock.now - dt.timedelta(days=2))
    forget()
    assert list(Appointment.objects.all()) == [kept]
    clock.forward(days=731)
    forget()
    assert not Appointment.objects.exists()
    assert not Claim.objects.exists()


def test_a_person_takes_the_data_along_and_is_forgotten(counter, actor):
    appointment = held(counter, actor("anonymous"))
    booked = actions.confirm(actor("anonymous"), appointment, JEANNE, actions.Given(note="Merci"))
    exported = export_person(booked.person)["appointments"]
    assert [(one["reason"], one["note"]) for one in exported] == [("Passeport", "Merci")]
    erase_person(booked.person)
    booked.refresh_from_db()
    assert (booked.person, booked.answers, booked.status) == (None, {}, Status.CANCELLED)
    assert counter.at("24 09:00") in counter.starts()
