"""Planting goes through the rooms' actions: what it leaves is what people could have done."""

from __future__ import annotations

import datetime as dt
import json
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from beffroi.accessible.inclusion.workshops.models import Session
from beffroi.accessible.information.assistant.models import Article
from beffroi.accessible.reception.appointments.models import Appointment, Opening
from beffroi.base.access.models import Grant
from beffroi.base.authorities.models import Address, Authority, Street
from beffroi.base.authorities.public import holder_of
from beffroi.base.outbox.public import OutboxEvent
from beffroi.base.people.models import Account
from beffroi.project.town import command, events
from beffroi.project.town.control import Control, is_on
from beffroi.project.town.plant import AlreadyPlanted, plant
from beffroi.sustainable.territory.insights.models import Rule, RuleState
from beffroi.sustainable.territory.objects.models import Datastream, Thing
from beffroi.sustainable.territory.objects.public import telemetry

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 23)
NOW = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)


def test_the_tiny_town_is_planted_in_a_second(installation: object) -> None:
    begun = time.process_time()
    town = plant("tiny", 1, TODAY, NOW)
    assert time.process_time() - begun < 3.0  # one second on a quiet machine; CPU, not the clock
    assert Authority.objects.count() == 6
    assert Street.objects.count() == 13
    assert Address.objects.count() > 300
    assert {thing.device_id for thing in Thing.objects.all()} == set(town.tokens)
    assert Rule.objects.filter(state=RuleState.ACTIVE, name="Fuite dans une rue").exists()
    assert Opening.objects.exists()
    assert Session.objects.filter(seats=12).exists()
    assert Article.objects.exists()


def test_the_water_of_both_communes_is_the_syndicats(installation: object) -> None:
    plant("tiny", 1, TODAY, NOW)
    syndicat = Authority.objects.get(slug="eaux-val")
    for commune in Authority.objects.filter(kind="commune"):
        assert holder_of("water", commune) == syndicat
    assert len({a.pk for a in Authority.objects.filter(kind="intercommunalite")}) == 2


def test_demonstration_accounts_open_with_the_declared_password(
    installation: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEFFROI_DEMO_PASSWORD", "mot-de-passe-essai")
    town = plant("tiny", 1, TODAY, NOW)
    for shown in town.as_json()["accounts"]:
        account = Account.objects.get_by_natural_key(shown["email"])
        assert account.check_password("mot-de-passe-essai")
        assert not account.check_password("beffroi")
    assert Grant.objects.filter(role="agent").count() == 1


def test_the_same_seed_plants_the_same_readings(installation: object) -> None:
    plant("tiny", 1, TODAY, NOW)
    end = round(NOW.timestamp() * 1000)
    stream = Datastream.objects.get(thing__device_id="conduite-rue-des-tanneurs", key="flow")
    first = telemetry().read(stream.number, end - 86_400_000, end)
    assert len(first) == 144
    assert stream.latest_time is not None
    assert end - 601_000 <= stream.latest_time.timestamp() * 1000 < end


def test_a_second_planting_is_refused_and_changes_nothing(installation: object) -> None:
    plant("tiny", 1, TODAY, NOW)
    before = Appointment.objects.count()
    with pytest.raises(AlreadyPlanted):
        plant("tiny", 2, TODAY, NOW)
    assert Appointment.objects.count() == before


def test_an_unknown_size_plants_nothing(installation: object) -> None:
    with pytest.raises(ValueError, match="tiny or demo"):
        plant("huge", 1, TODAY, NOW)
    assert not Authority.objects.exists()


@pytest.mark.parametrize("today", ["2026-03-25", "2026-10-21", "2026-12-28"])
def test_any_day_of_the_year_will_do(installation: object, today: str) -> None:
    day = dt.date.fromisoformat(today)
    plant("tiny", 1, day, dt.datetime.combine(day, dt.time(8), dt.UTC))
    assert Opening.objects.filter(first_day__lte=day, last_day__gte=day).exists()
    zone = Authority.objects.get(is_default=True).zone
    for session in Session.objects.all():
        assert (
            session.starts_at.astimezone(zone).hour == 14
        )  # on the wall clock, whatever the offset


@pytest.fixture
def demonstration(installation: object) -> Path:
    assert command.run(["plant", "--size", "tiny", "--today", "2026-11-23"]) == 0
    data: Path = settings.BEFFROI.data
    return data


def test_the_command_writes_what_the_simulator_needs_for_its_owner_only(
    demonstration: Path,
) -> None:
    path = demonstration / "town.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    town = json.loads(path.read_text())
    assert town["size"] == "tiny"
    assert all(len(token) > 20 for token in town["devices"].values())
    assert "ines.moreau@vernay.example" in {account["email"] for account in town["accounts"]}
    assert command.run(["plant"]) == 1


@pytest.mark.parametrize(
    ("words", "kind", "place"),
    [
        (["leak", "--street", "Rue des tanneurs", "--flow", "9"], "leak", "rue-des-tanneurs"),
        (["leak", "--street", "rue de l'Église"], "leak", "rue-de-l-eglise"),
        (["leak", "--street", "rue du Port"], "leak", "quais"),
        (["crowd", "--street", "place du puits"], "crowd", "place-du-puits"),
        (["heat", "--place", "École du Port", "--degrees", "7"], "heat", "ecole-du-port"),
    ],
)
def test_what_happens_is_written_and_ended(
    demonstration: Path, words: list[str], kind: str, place: str
) -> None:
    assert command.run(words) == 0
    (happening,) = Control(demonstration).read()
    assert (happening.kind, happening.place) == (kind, place)
    assert is_on(happening, time.time())
    assert command.run(["repair", "--street", words[2]]) == 0
    assert not is_on(Control(demonstration).read()[0], time.time() + 1)
    assert command.run(["repair", "--street", words[2]]) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["leak", "--street", "rue de Nulle-Part"], "Lieux possibles"),
        (["leak", "--street", "rue des Tanneurs", "--flow", "-3"], "nombre positif"),
        (["leak", "--street", "rue des Tanneurs", "--flow", "nan"], "nombre positif"),
        (["repair", "--street", "rue des Tanneurs"], "Rien ne se passe"),
    ],
)
def test_what_cannot_be_is_refused_and_says_why(
    demonstration: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.run(words) == 1
    assert said in capsys.readouterr().err
    assert Control(demonstration).read() == []


def test_outside_a_demonstration_nothing_happens(installation: object) -> None:
    assert command.run(["leak", "--street", "rue des Tanneurs"]) == 1


def test_closing_an_intervention_repairs_its_street(
    demonstration: Path, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    from beffroi.base.access.public import Actor
    from beffroi.sustainable.territory.interventions import actions

    command.run(["leak", "--street", "rue des Tanneurs"])
    syndicat = Authority.objects.get(slug="eaux-val")
    actor = Actor.system(syndicat, "test")
    street = Street.objects.get(slug="rue-des-tanneurs")
    sent = actions.create(actor, syndicat, "water", "Fuite", streets=[street])
    actions.close(actor, sent, "Manchon posé.")
    event = OutboxEvent.objects.filter(kind="intervention_closed").latest("pk")
    events.repair(event)
    events.repair(event)
    assert not any(is_on(row, time.time() + 1) for row in Control(demonstration).read())
    (demonstration / "town.json").unlink()
    command_file = (demonstration / "town-control.json").read_text()
    events.repair(event)
    assert (demonstration / "town-control.json").read_text() == command_file
