"""Seats, the waiting list and its offers."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.accessible.inclusion.workshops.conftest import NOW, new_session

from beffroi.accessible.inclusion.workshops import actions, seats
from beffroi.accessible.inclusion.workshops.models import (
    ALIVE,
    SEATED,
    ProposalState,
    Registration,
    RegistrationState,
    Session,
    Workshop,
)
from beffroi.accessible.inclusion.workshops.tasks import forget, lapse_due
from beffroi.accessible.reception.appointments.models import Claim
from beffroi.base.access.public import Actor
from beffroi.base.notify.models import Mail
from beffroi.base.people.public import erase_person


def come(session, name: str, **more) -> Registration:
    participant = actions.Participant(name, "Martin", f"{name}@vernay.example")
    return actions.register(Actor.anonymous(session.authority), session, participant, **more)


def state(registration: Registration) -> str:
    registration.refresh_from_db()
    return registration.state


def test_the_seats_go_to_the_first_then_a_list_begins(session):
    people = [come(session, name) for name in ("ada", "bob", "eve", "zoe")]
    assert [r.state for r in people] == ["registered", "registered", "waiting", "waiting"]
    assert [seats.position(r) for r in people[2:]] == [1, 2]
    subjects = [mail.subject for mail in Mail.objects.order_by("pk")]
    assert "Liste d’attente" in subjects[2]


def test_a_freed_seat_is_offered_to_the_first_who_waits_and_to_nobody_else(session, actor):
    ada, _bob, eve, zoe = (come(session, name) for name in ("ada", "bob", "eve", "zoe"))
    actions.leave(actor("anonymous"), ada)
    assert (state(eve), state(zoe)) == ("offered", "waiting")
    assert eve.offered_until == NOW + dt.timedelta(hours=24)
    newcomer = come(session, "max")
    assert newcomer.state == "waiting"
    assert actions.accept(actor("anonymous"), eve).state == "registered"
    assert "Une place se libère" in "".join(Mail.objects.values_list("subject", flat=True))


def test_an_offer_without_answer_goes_to_the_next(session, actor, clock):
    ada, _bob, eve, zoe = (come(session, name) for name in ("ada", "bob", "eve", "zoe"))
    actions.leave(actor("anonymous"), ada)
    clock.forward(hours=24, seconds=1)
    lapse_due()
    assert (state(eve), state(zoe)) == ("lapsed", "offered")
    with pytest.raises(actions.NotPossible):
        actions.accept(actor("anonymous"), eve)
    assert actions.accept(actor("anonymous"), zoe).state == "registered"


def test_a_late_answer_is_refused_even_when_no_task_has_run(session, actor, clock):
    ada, _bob, eve, zoe = (come(session, name) for name in ("ada", "bob", "eve", "zoe"))
    actions.leave(actor("anonymous"), ada)
    clock.forward(hours=25)
    late = actions.accept(actor("anonymous"), eve)
    # Nobody had been asked meanwhile: the seat was still free, so the answer counts.
    assert late.state == "registered"
    assert state(zoe) == "waiting"


def test_close_to_the_session_an_offer_is_short(town, actor, clock):
    session = new_session(town, seats=1, days=0)
    first, second = come(session, "ada"), come(session, "bob")
    clock.forward(minutes=45)
    actions.leave(actor("anonymous"), first)
    second.refresh_from_db()
    assert second.offered_until == clock.now + seats.SHORTEST_OFFER


def test_the_same_person_twice_is_one_registration_and_a_reminder(session):
    come(session, "ada")
    with pytest.raises(actions.AlreadyRegistered):
        come(session, "ADA")
    assert Registration.objects.count() == 1
    assert Mail.objects.count() == 2


@pytest.mark.parametrize(
    "participant",
    [
        actions.Participant("Ada", "", "ada@vernay.example"),
        actions.Participant("Ada", "Martin"),
        actions.Participant("Ada", "Martin", "non"),
        actions.Participant("Ada", "Mar\x00tin", "ada@vernay.example"),
        actions.Participant("Ada", "Martin", "ada@vernay.example", "", "x" * 501),
    ],
)
def test_a_registration_needs_a_name_and_a_way_to_answer(session, participant):
    with pytest.raises(ValidationError):
        actions.register(Actor.anonymous(session.authority), session, participant)
    assert not Registration.objects.exists()


def test_nobody_registers_for_what_is_over_cancelled_or_only_proposed(session, actor, clock, town):
    proposed = new_session(town, title="À lire")
    Workshop.objects.filter(pk=proposed.workshop_id).update(state=ProposalState.PROPOSED)
    cancelled = new_session(town, title="Annulée")
    actions.cancel_session(actor("agent"), cancelled)
    for refused in (proposed, cancelled):
        with pytest.raises(actions.NotPossible):
            come(refused, "ada")
    clock.forward(days=11)
    with pytest.raises(actions.NotPossible):
        come(session, "ada")


def test_more_seats_are_offered_at_once_and_fewer_than_taken_are_refused(session, actor):
    people = [come(session, name) for name in ("ada", "bob", "eve", "zoe")]
    session.seats = 3
    actions.save_session(actor("agent"), session)
    assert [state(r) for r in people] == ["registered", "registered", "offered", "waiting"]
    session.seats = 2
    with pytest.raises(ValidationError):
        actions.save_session(actor("agent"), session)


def test_a_session_that_moves_keeps_its_seats_and_tells_everybody(session, actor):
    people = [come(session, name) for name in ("ada", "bob", "eve")]
    Mail.objects.all().delete()
    session.starts_at += dt.timedelta(days=1)
    session.ends_at += dt.timedelta(days=1)
    actions.save_session(actor("agent"), session)
    assert [state(r) for r in people] == ["registered", "registered", "waiting"]
    assert Mail.objects.count() == 3
    assert seats.taken([session]) == {session.pk: 2}
    assert Claim.objects.count() == 2


def test_a_cancelled_session_tells_everybody(session, actor):
    for name in ("ada", "bob", "eve"):
        come(session, name)
    Mail.objects.all().delete()
    actions.cancel_session(actor("agent"), session)
    actions.cancel_session(actor("agent"), session)
    assert Mail.objects.count() == 3


def test_running_the_list_is_the_agents_right(session, actor):
    registration = come(session, "ada")
    for role in ("resident", "partner", "field"):
        with pytest.raises(PermissionDenied):
            actions.note_presence(actor(role), registration, True)
        with pytest.raises(PermissionDenied):
            actions.cancel_session(actor(role), session)
    actions.note_presence(actor("agent"), registration, True)
    registration.refresh_from_db()
    assert registration.attended is True


def draft(town):
    starts = NOW + dt.timedelta(days=3)
    return (
        Workshop(title="Réparer son vélo", summary="Apportez le vôtre."),
        Session(starts_at=starts, ends_at=starts + dt.timedelta(hours=1), site=town.site, seats=8),
    )


def test_a_partner_proposes_and_an_agent_decides(town, actor, clock):
    workshop = actions.propose(actor("partner"), *draft(town))
    assert workshop.state == ProposalState.PROPOSED
    with pytest.raises(PermissionDenied):
        actions.decide(actor("partner"), workshop, True)
    with pytest.raises(ValidationError):
        actions.decide(actor("agent"), workshop, False)
    assert actions.decide(actor("agent"), workshop, True).state == ProposalState.APPROVED
    assert Mail.objects.get().recipient == "partner@vernay.example"
    assert actions.propose(actor("agent"), *draft(town)).state == ProposalState.APPROVED
    with pytest.raises(PermissionDenied):
        actions.propose(actor("resident"), *draft(town))


def test_who_is_forgotten_frees_the_seat(session, actor):
    ada, _bob, eve = (come(session, name) for name in ("ada", "bob", "eve"))
    mails = Mail.objects.count()
    erase_person(ada.person)
    ada.refresh_from_db()
    assert (ada.person, ada.state, state(eve)) == (None, "cancelled", "offered")
    assert Mail.objects.count() == mails + 1


def test_who_came_is_forgotten_after_a_year(session, clock):
    come(session, "ada")
    clock.forward(days=370)
    forget()
    assert Registration.objects.count() == 1
    clock.forward(days=10)
    forget()
    assert not Registration.objects.exists()
    assert not Claim.objects.exists()


moves = st.lists(
    st.one_of(
        st.tuples(st.just("come"), st.just(0)),
        st.tuples(st.sampled_from(["leave", "accept"]), st.integers(0, 30)),
        st.tuples(st.just("wait"), st.sampled_from([5, 9])),
        st.tuples(st.just("seats"), st.integers(0, 2)),
    ),
    max_size=25,
)


@settings(max_examples=40)
@given(moves)
def test_whatever_happens_the_order_of_the_list_is_kept(town, clock, actor, steps):
    """Against a plain list: never too many seats, nobody passes anybody, no seat waits for nobody."""
    with transaction.atomic():
        clock.now = NOW
        session = new_session(town, seats=2)
        people: list[Registration] = []
        for step, number in steps:
            chosen = people[number % len(people)] if people else None
            asked_before = set(_in(RegistrationState.WAITING, session))
            if step == "come":
                people.append(come(session, f"p{len(people)}"))
            elif step == "seats":
                session = Session.objects.get(pk=session.pk)
                session.seats += number
                actions.save_session(actor("agent"), session)
            elif step == "wait":
                clock.forward(hours=number)
                lapse_due()
            elif chosen is not None and step == "leave":
                actions.leave(actor("anonymous"), chosen)
            elif chosen is not None:
                try:
                    actions.accept(actor("anonymous"), chosen)
                except actions.NotPossible:
                    assert state(chosen) != "offered"
            waiting = _in(RegistrationState.WAITING, session)
            seated = Registration.objects.filter(session=session, state__in=SEATED).count()
            called = [pk for pk in asked_before if pk not in waiting and _alive(pk)]
            assert seated <= session.seats
            assert seats.taken([session]).get(session.pk, 0) == seated
            assert not waiting or seated == session.seats
            assert not called or not waiting or max(called) < min(waiting)
        transaction.set_rollback(True)


def _in(wanted: str, session: Session) -> list[int]:
    found = Registration.objects.filter(session=session, state=wanted).order_by("pk")
    return list(found.values_list("pk", flat=True))


def _alive(pk: int) -> bool:
    return Registration.objects.filter(pk=pk, state__in=ALIVE).exists()
