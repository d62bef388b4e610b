"""A locked or a full database is said as such, with the right status, and nothing is stored by half."""

from __future__ import annotations

import sqlite3

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from beffroi.accessible.information.assistant.models import Conversation, Turn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]
QUESTION = {"question": "Quand passe le camion des encombrants ?"}


@pytest.fixture
def impatient(town):
    """A connection that gives up at once, as a visitor would after twenty seconds."""
    connection.ensure_connection()
    before = connection._turn_timeout
    connection._turn_timeout = 0.1
    connection.connection.execute("PRAGMA busy_timeout = 100")
    yield
    connection._turn_timeout = before
    connection.connection.execute("PRAGMA busy_timeout = 20000")


@pytest.fixture
def locked(impatient):
    """Another program that writes and does not end, without taking turns."""
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


@pytest.fixture
def full(impatient):
    """A disk on which the file may not grow."""
    pages = connection.connection.execute("PRAGMA page_count").fetchone()[0]
    connection.connection.execute(f"PRAGMA max_page_count = {pages}")
    yield
    connection.connection.execute("PRAGMA max_page_count = 1073741823")


def test_a_locked_database_is_said_in_plain_words_and_reading_goes_on(locked):
    answer = Client().post(reverse("assistant:ask"), QUESTION)
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert "rien n’a été enregistré à moitié" in answer.content.decode()
    assert not Conversation.objects.exists()
    assert Client().get(reverse("portal:home")).status_code == 200


def test_the_api_says_it_as_a_problem_document(locked, town):
    reading = Client().post(
        "/api/v1/appointments/holds", data=b"{}", content_type="application/json"
    )
    assert reading.status_code in {422, 503}
    assert reading["Content-Type"] == "application/problem+json"


def test_a_full_disk_stores_nothing_by_half_and_work_resumes_when_there_is_room(full):
    long = {"question": "Quand ? " + "x" * 400}
    statuses = {Client().post(reverse("assistant:ask"), long).status_code for _ in range(40)}
    assert statuses <= {302, 503}
    assert 503 in statuses
    assert Turn.objects.values("conversation").distinct().count() == Conversation.objects.count()
    connection.connection.execute("PRAGMA max_page_count = 1073741823")
    assert Client().post(reverse("assistant:ask"), QUESTION).status_code == 302


def test_an_english_reader_is_told_in_english(locked):
    answer = Client().post(reverse("assistant:ask"), QUESTION, headers={"accept-language": "en"})
    assert "Nothing" in answer.content.decode() or "nothing" in answer.content.decode()
