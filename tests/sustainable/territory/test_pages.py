"""The pages of the territory, as people of each role open them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from beffroi.accessible.information.broadcast.models import Notice
from beffroi.sustainable.territory.insights.models import Insight, InsightState, Rule
from beffroi.sustainable.territory.interventions.models import Intervention, State

from .conftest import NIGHT, Sector

Browser = Callable[..., Client]


@pytest.fixture
def leak(send: Callable[..., Any]) -> Insight:
    send([6.0] * 6 + [17.4] * 8)
    return Insight.objects.get()


def at(slug: str, path: str) -> str:
    return f"/a/{slug}{path}"


def test_the_insight_page_answers_shows_the_rule_and_offers_the_crew(
    client_for: Browser, leak: Insight, sector: Sector
) -> None:
    page = client_for("agent").get(reverse("insights:insight", args=[leak.ref]))
    text = page.content.decode()
    assert page.status_code == 200
    assert f"<h1>{leak.title}</h1>" in text
    for part in (
        "Envoyer l’équipe Eau 2",
        "Prévenir la rue",
        "Ce n’est pas une fuite",
        "seuil d’alerte",
        "Règle «\u00a0Fuite probable\u00a0» v1",
    ):
        assert part in text


def test_the_button_sends_the_crew_and_proposes_the_notice(
    client_for: Browser, leak: Insight
) -> None:
    browser = client_for("agent")
    page = browser.post(reverse("insights:send", args=[leak.ref]), follow=True)
    assert (
        "L’équipe Eau 2 est envoyée. Une annonce à la rue attend d’être publiée."
        in page.content.decode()
    )
    assert Intervention.objects.get().state == State.SENT
    assert Notice.objects.get().state == "proposed"


def test_warning_the_street_leads_to_the_notice(client_for: Browser, leak: Insight) -> None:
    page = client_for("agent").post(reverse("insights:warn", args=[leak.ref]))
    assert page["Location"] == reverse(
        "broadcast:desk_notice", kwargs={"ref": Notice.objects.get().ref}
    )


def test_setting_aside_asks_for_a_reason(client_for: Browser, leak: Insight) -> None:
    browser, address = client_for("agent"), reverse("insights:dismiss", args=[leak.ref])
    refused = browser.post(address, {"reason": ""})
    assert refused.status_code == 422
    leak.refresh_from_db()
    assert leak.state == InsightState.OPEN
    browser.post(address, {"reason": "<b>essai</b> 🚒"})
    leak.refresh_from_db()
    assert leak.state == InsightState.DISMISSED
    assert (
        "&lt;b&gt;essai&lt;/b&gt; 🚒"
        in browser.get(reverse("insights:insight", args=[leak.ref])).content.decode()
    )


def test_the_share_opens_the_page_and_its_absence_hides_it(
    client_for: Browser, town: Any, leak: Insight, sector: Sector
) -> None:
    page = reverse("insights:insight", args=[leak.ref])
    assert client_for("agent").get(page).status_code == 200
    assert client_for("agent", town.syndicat).get(at("eaux-val", page)).status_code == 200
    other = client_for("agent", town.other)
    assert other.get(at("saint-clair", page)).status_code == 404
    assert (
        other.post(at("saint-clair", reverse("insights:send", args=[leak.ref]))).status_code == 404
    )
    series = reverse("objects:series", args=[sector.stream.pk])
    assert other.get(at("saint-clair", series)).status_code == 404
    assert client_for("anonymous").get(page).status_code == 302
    assert client_for("resident").get(page).status_code == 403


def test_a_private_series_is_for_agents_and_a_public_one_for_everybody(
    client_for: Browser, town: Any, leak: Insight, sector: Sector
) -> None:
    page = reverse("objects:series", args=[sector.stream.pk])
    csv = reverse("objects:series_csv", args=[sector.stream.pk])
    for address in (page, csv, reverse("objects:series_chart", args=[sector.stream.pk])):
        assert client_for("anonymous").get(address).status_code == 404
        assert client_for("agent").get(address).status_code == 200
    assert (
        "Débitmètre"
        not in client_for("anonymous").get(reverse("objects:territory")).content.decode()
    )

    head = client_for("head", town.syndicat)
    share = reverse("objects:share", args=[sector.stream.pk])
    assert client_for("head").post(share, {"public": "1"}).status_code == 404
    assert head.post(at("eaux-val", share), {"public": "1"}).status_code == 302
    shown = client_for("anonymous").get(page)
    assert shown.status_code == 200
    assert "17,4" in shown.content.decode()
    assert "Fuite probable" not in shown.content.decode()
    assert (
        "Débitmètre" in client_for("anonymous").get(reverse("objects:territory")).content.decode()
    )


def test_the_file_opens_in_a_french_spreadsheet_and_in_a_program(
    client_for: Browser, leak: Insight, sector: Sector
) -> None:
    browser, address = client_for("agent"), reverse("objects:series_csv", args=[sector.stream.pk])
    french = b"".join(browser.get(address).streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert french[0] == "date;flow;unité"
    assert french[-1] == "2026-11-24 03:05:00+0100;17,4;m3/h"
    iso = b"".join(browser.get(address, {"forme": "iso"}).streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert iso[-1] == "2026-11-24T02:05:00.000Z,17.4,m3/h"


def test_the_crew_sees_its_work_starts_reports_and_finishes(
    client_for: Browser, town: Any, leak: Insight, sector: Sector
) -> None:
    client_for("agent").post(reverse("insights:send", args=[leak.ref]))
    work, crew = Intervention.objects.get(), client_for("field", town.syndicat)
    mine = crew.get(at("eaux-val", reverse("interventions:field")))
    assert leak.name in mine.content.decode()
    assert (
        "Envoyer cette équipe"
        not in crew.get(
            at("eaux-val", reverse("interventions:intervention", args=[work.ref]))
        ).content.decode()
    )
    crew.post(at("eaux-val", reverse("interventions:start", args=[work.ref])))
    crew.post(
        at("eaux-val", reverse("interventions:report", args=[work.ref])), {"note": "Vanne fermée"}
    )
    crew.post(at("eaux-val", reverse("interventions:finish", args=[work.ref])), {"note": ""})
    work.refresh_from_db()
    assert work.state == State.TO_CLOSE
    assert [entry.note for entry in work.log.all() if entry.note] == ["Vanne fermée"]
    assert (
        crew.post(at("eaux-val", reverse("interventions:close", args=[work.ref]))).status_code
        == 403
    )
    assert (
        client_for("field").get(reverse("interventions:intervention", args=[work.ref])).status_code
        == 404
    )


def test_closing_without_normal_readings_asks_why(client_for: Browser, leak: Insight) -> None:
    browser = client_for("agent")
    browser.post(reverse("insights:send", args=[leak.ref]))
    work = Intervention.objects.get()
    address = reverse("interventions:close", args=[work.ref])
    assert browser.post(address, {"note": ""}).status_code == 422
    browser.post(address, {"note": "Doublon"})
    work.refresh_from_db()
    assert work.state == State.CLOSED


def test_a_rule_is_written_tried_on_the_past_and_activated(
    client_for: Browser, town: Any, leak: Insight, sector: Sector
) -> None:
    browser = client_for("head", town.syndicat)
    fields = {
        "name": "Fuite lente", "domain": "water", "datastreams": [sector.stream.pk], "direction": "above",
        "on_level": "12", "off_level": "9", "for_minutes": "20", "clear_minutes": "20", "severity": "2",
        "message": "{quand}, {valeur}", "window_start": "", "window_end": "",
    }  # fmt: skip
    assert (
        browser.post(
            at("eaux-val", reverse("insights:new_rule")), {**fields, "off_level": "13"}
        ).status_code
        == 422
    )
    assert (
        browser.post(
            at("eaux-val", reverse("insights:new_rule")), {**fields, "message": "{x.__class__}"}
        ).status_code
        == 422
    )
    made = browser.post(at("eaux-val", reverse("insights:new_rule")), fields)
    assert made.status_code == 302
    rule = Rule.objects.get(name="Fuite lente")
    page = browser.get(made["Location"]).content.decode()
    assert "1 alerte, " in page
    assert rule.state == "draft"
    browser.post(at("eaux-val", reverse("insights:activate", args=[rule.line, 1])))
    rule.refresh_from_db()
    assert rule.state == "active"

    browser.post(
        at("eaux-val", reverse("insights:edit_rule", args=[rule.line, 1])),
        {**fields, "on_level": "13"},
    )
    rule.refresh_from_db()
    assert (rule.on_level, rule.state) == (12.0, "active")
    second = Rule.objects.get(line=rule.line, version=2)
    assert (second.on_level, second.state) == (13.0, "draft")


def test_levels_are_suggested_from_ordinary_nights(
    client_for: Browser, town: Any, sector: Sector, send: Callable[..., Any]
) -> None:
    for day in range(6):
        send([6.0 + (place % 5) / 10 for place in range(36)], NIGHT - timedelta(days=10 - day))
    browser = client_for("head", town.syndicat)
    page = at("eaux-val", reverse("insights:rule", args=[sector.rule.line, 1]))
    asked: dict[str, str | int] = {
        "serie": sector.stream.pk,
        "depuis": "2026-11-14",
        "jusque": "2026-11-20",
    }
    assert "Seuil d’alerte" in browser.get(page, asked).content.decode()
    too_short = browser.get(page, {**asked, "jusque": "2026-11-15"}).content.decode()
    assert "Il faut au moins cinq jours" in too_short


def test_a_token_is_shown_once(client_for: Browser, town: Any, sector: Sector) -> None:
    browser = client_for("head", town.syndicat)
    page = browser.post(at("eaux-val", reverse("objects:new_token", args=[sector.thing.pk])))
    sector.thing.refresh_from_db()
    assert page["Cache-Control"].startswith("max-age=0")
    assert "ne sera plus montré" in page.content.decode()
    again = browser.get(
        at("eaux-val", reverse("objects:thing", args=[sector.thing.pk]))
    ).content.decode()
    assert "ne sera plus montré" not in again
    assert (
        client_for("agent", town.syndicat)
        .post(at("eaux-val", reverse("objects:new_token", args=[sector.thing.pk])))
        .status_code
        == 403
    )


@pytest.mark.parametrize(
    "name",
    [
        "objects:things",
        "objects:new_thing",
        "objects:quarantine",
        "insights:insights",
        "insights:rules",
        "interventions:interventions",
    ],
)
def test_the_desk_pages_open(client_for: Browser, town: Any, name: str, leak: Insight) -> None:
    assert client_for("head", town.syndicat).get(at("eaux-val", reverse(name))).status_code == 200


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("insights:insights", 14),
        ("interventions:interventions", 14),
        ("objects:territory", 16),
        ("objects:quarantine", 14),
    ],
)
def test_a_list_costs_the_same_number_of_queries_whatever_its_length(
    client_for: Browser, leak: Insight, name: str, most: int, django_assert_max_num_queries: Any
) -> None:
    browser = client_for("agent")
    browser.get(reverse(name))
    with django_assert_max_num_queries(most):
        browser.get(reverse(name))
