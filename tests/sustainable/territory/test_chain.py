"""From the reading to the notice and back: the whole chain of the territory, in one process."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from beffroi.accessible.information.broadcast.actions import publish
from beffroi.accessible.information.broadcast.models import Notice
from beffroi.accessible.information.broadcast.public import current_notices
from beffroi.base.access.public import Actor
from beffroi.base.outbox.models import OutboxEvent
from beffroi.base.provenance.public import chain, readings_behind
from beffroi.sustainable.territory.insights import actions as insight_actions
from beffroi.sustainable.territory.insights.models import Insight, InsightState, Watch
from beffroi.sustainable.territory.interventions import actions as intervention_actions
from beffroi.sustainable.territory.interventions.models import Intervention, State
from beffroi.sustainable.territory.objects import ingestion
from beffroi.sustainable.territory.objects.ingestion import handle_batch
from beffroi.sustainable.territory.objects.telemetry import telemetry

from .conftest import NIGHT, Sector, message, settle

NORMAL, LEAK = [6.0] * 6, [17.4] * 8


@pytest.fixture
def leak(send: Callable[..., Any]) -> Insight:
    send(NORMAL + LEAK)
    return Insight.objects.get()


def test_readings_beyond_the_level_for_half_an_hour_open_one_insight(
    send: Callable[..., Any], sector: Sector
) -> None:
    send(NORMAL + LEAK[:6])
    assert not Insight.objects.exists()
    send(LEAK[:1], NIGHT + timedelta(minutes=60))
    insight = Insight.objects.get()
    assert (insight.authority, insight.state, insight.severity) == (
        sector.thing.authority,
        "open",
        3,
    )
    assert insight.onset == NIGHT + timedelta(minutes=30)
    assert (
        insight.title
        == "Mardi 24\u00a0novembre à\u00a03\u00a0h, 17,4\u00a0m³/h dans le secteur Débitmètre Tanneurs"
    )


def test_an_insight_carries_its_readings_and_its_rule(leak: Insight, sector: Sector) -> None:
    readings = readings_behind(leak)
    assert {row[1] for row in readings} == {17.4}
    assert readings[0][2:] == ["m³/h", "Débitmètre Tanneurs · Débit"]
    titles = [step.title for step in chain(leak, sector.holder)]
    assert titles == [
        "Débitmètre Tanneurs · Débit",
        "Règle «\u00a0Fuite probable\u00a0» v1",
        "Fuite probable, rue des Tanneurs",
    ]


def test_one_click_sends_the_crew_and_proposes_the_notice_then_the_readings_close_both(
    town: Any, agent: Actor, head: Actor, leak: Insight, sector: Sector, send: Callable[..., Any]
) -> None:
    intervention, (notice,) = insight_actions.send_crew(agent, leak)
    assert (intervention.authority, intervention.crew, intervention.state) == (
        town.syndicat,
        sector.crew,
        State.SENT,
    )
    assert (notice.authority, notice.state) == (town.commune, "proposed")
    assert notice.title == "Fuite d’eau rue des Tanneurs"
    assert current_notices(town.commune) == []

    publish(head, notice)
    assert current_notices(town.commune) == [notice]

    send([6.0] * 8, NIGHT + timedelta(minutes=80))
    leak.refresh_from_db()
    intervention.refresh_from_db()
    assert leak.state == InsightState.ENDED
    assert intervention.state == State.TO_CLOSE
    assert intervention.is_verified
    assert intervention.verification["level"] == 9.0
    assert current_notices(town.commune) == []

    intervention_actions.close(agent, intervention)
    intervention.refresh_from_db()
    assert intervention.state == State.CLOSED
    assert OutboxEvent.objects.get(kind="intervention_closed").payload["verified"] is True
    kinds = [step.kind_label for step in chain(intervention, agent)]
    assert kinds == ["Mesures", "Règle", "Constat", "Intervention"]


def test_a_second_click_changes_nothing(agent: Actor, leak: Insight) -> None:
    first, (notice,) = insight_actions.send_crew(agent, leak)
    again, (same,) = insight_actions.send_crew(agent, leak)
    assert (again, same) == (first, notice)
    assert Intervention.objects.count() == Notice.objects.count() == 1


def test_what_is_not_a_leak_is_set_aside_with_its_reason(
    agent: Actor, head: Actor, leak: Insight, town: Any
) -> None:
    intervention, (notice,) = insight_actions.send_crew(agent, leak)
    publish(head, notice)
    with pytest.raises(insight_actions.ValidationError):
        insight_actions.dismiss(agent, leak, "  ")
    insight_actions.dismiss(agent, leak, "Essai de poteau incendie")
    settle()
    leak.refresh_from_db()
    intervention.refresh_from_db()
    assert (leak.state, leak.dismissed_reason) == (
        InsightState.DISMISSED,
        "Essai de poteau incendie",
    )
    assert intervention.state == State.TO_CLOSE
    assert not intervention.is_verified
    assert current_notices(town.commune) == []
    with pytest.raises(insight_actions.NotPossible):
        insight_actions.send_crew(agent, leak)


def test_the_commune_acts_through_the_share_and_the_other_commune_cannot(
    town: Any, actor: Callable[..., Actor], leak: Insight
) -> None:
    with pytest.raises(insight_actions.PermissionDenied):
        insight_actions.send_crew(actor("agent", town.other), leak)
    with pytest.raises(insight_actions.PermissionDenied):
        insight_actions.send_crew(actor("resident"), leak)
    assert insight_actions.send_crew(actor("agent"), leak)[0].authority == town.syndicat


def state_of_the_town() -> dict[str, Any]:
    """All that a replay could double or lose."""
    return {
        "insights": list(
            Insight.objects.order_by("pk").values("onset", "opened_at", "ended_at", "state", "peak")
        ),
        "watches": list(Watch.objects.order_by("pk").values_list("state", flat=True)),
        "events": list(OutboxEvent.objects.order_by("pk").values_list("kind", flat=True)),
    }


def test_the_same_batch_twice_gives_the_same_state(
    send: Callable[..., Any], sector: Sector
) -> None:
    messages = send(NORMAL + LEAK + [6.0] * 8)
    before = state_of_the_town()
    handle_batch(messages)
    settle()
    assert state_of_the_town() == before
    assert len(telemetry().read(sector.stream.number, 0, 2**52)) == len(messages)


def test_a_crash_between_the_readings_and_the_town_is_repaired_by_the_replay(
    send: Callable[..., Any], sector: Sector, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(NORMAL)
    moments = [NIGHT + timedelta(minutes=30 + 5 * place) for place in range(8)]
    messages = [
        message(
            100 + place,
            f'{{"time": "{at.isoformat()}", "flow": 17.4}}'.encode(),
            round(at.timestamp() * 1000),
        )
        for place, at in enumerate(moments)
    ]

    class Killed(BaseException):
        pass

    with monkeypatch.context() as patch:
        patch.setattr(ingestion, "announce", lambda *_, **__: (_ for _ in ()).throw(Killed()))
        with pytest.raises(Killed):
            handle_batch(messages)
    assert not Insight.objects.exists()
    sector.stream.refresh_from_db()
    assert sector.stream.latest_value == 6.0
    assert telemetry().latest([sector.stream.number])[sector.stream.number][1] == 17.4

    for single in messages:  # the inbox may cut the replay otherwise
        handle_batch([single])
    settle()
    insight = Insight.objects.get()
    assert insight.onset == moments[0]
    assert len(telemetry().read(sector.stream.number, 0, 2**52)) == 14
    assert telemetry().corrections(sector.stream.number, 0, 2**52) == []


def test_late_and_repeated_readings_are_kept_but_do_not_rewrite_the_past(
    send: Callable[..., Any], sector: Sector
) -> None:
    send(NORMAL)
    send([50.0], NIGHT - timedelta(minutes=30))
    send([50.0] * 3, NIGHT)
    sector.stream.refresh_from_db()
    assert sector.stream.latest_value == 6.0
    assert not Insight.objects.exists()
    assert Watch.objects.get().state["late"] == 4
    kept = telemetry().corrections(sector.stream.number, 0, 2**52)
    assert [correction.former for correction in kept] == [6.0] * 3
