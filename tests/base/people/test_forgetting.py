"""Names, sessions and sign-ins go when nothing needs them any more, and not before."""

import datetime as dt

from axes.models import AccessAttempt, AccessLog
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone
from tests.conftest import PASSWORD

from beffroi.accessible.information.assistant.models import Conversation
from beffroi.base.people.forgetting import forget_persons, forget_sign_ins
from beffroi.base.people.models import Person
from beffroi.base.people.public import erase_person, person_for


def _aged(person: Person, days: int) -> Person:
    created = timezone.now() - dt.timedelta(days=days)
    Person.objects.filter(pk=person.pk).update(created_at=created)
    return person


def test_a_person_goes_with_the_last_matter(town):
    lonely = _aged(person_for(town.commune, "Ana", "Roy", "ana@example.org"), 31)
    recent = _aged(person_for(town.commune, "Bo", "Roy", "bo@example.org"), 29)
    asking = _aged(person_for(town.commune, "Cy", "Roy", "cy@example.org"), 400)
    talk = Conversation.objects.create(authority=town.commune, person=asking)
    holder = _aged(town.accounts["resident"].person, 4000)

    assert forget_persons() == 1
    kept = set(Person.objects.values_list("pk", flat=True))
    assert lonely.pk not in kept
    assert {recent.pk, asking.pk, holder.pk} <= kept

    talk.delete()
    assert forget_persons() == 1
    assert not Person.objects.filter(pk=asking.pk).exists()


def test_ended_sessions_and_old_sign_ins_go(town, client):
    for age in (1, -1):
        session = SessionStore()
        session["appointment_draft"] = {"family_name": "Roy"}
        session.save()
        Session.objects.filter(pk=session.session_key).update(
            expire_date=timezone.now() - dt.timedelta(days=age)
        )
    client.post(reverse("people:login"), {"username": "a@example.org", "password": "no"})
    assert AccessAttempt.objects.exists()
    AccessAttempt.objects.update(attempt_time=timezone.now() - dt.timedelta(days=2))
    forget_sign_ins()
    assert not AccessAttempt.objects.exists()
    assert not Session.objects.filter(expire_date__lt=timezone.now()).exists()
    assert Session.objects.count() == 1


def test_erasing_a_person_erases_the_register_of_sign_ins(town, client):
    account = town.accounts["resident"]
    client.post(reverse("people:login"), {"username": account.email, "password": PASSWORD})
    assert AccessLog.objects.filter(username=account.email).exists()
    erase_person(account.person)
    assert not AccessLog.objects.filter(username=account.email).exists()
