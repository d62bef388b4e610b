"""Things and their past, crews, and the rules that watch."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np

from beffroi.base.access.public import Actor
from beffroi.base.authorities.models import Domain
from beffroi.project.town.instruments import TRIAL, Device, devices
from beffroi.project.town.physics.disturbances import LEAK, Disturbance
from beffroi.project.town.planting.authorities import Ground
from beffroi.project.town.planting.people import People
from beffroi.project.town.world import shown
from beffroi.sustainable.territory.insights import rule_actions
from beffroi.sustainable.territory.interventions.models import Crew
from beffroi.sustainable.territory.objects import actions as objects
from beffroi.sustainable.territory.objects.ingestion import record_points
from beffroi.sustainable.territory.objects.models import Datastream
from beffroi.sustainable.territory.objects.observers import Points
from beffroi.sustainable.territory.objects.telemetry import Readings, telemetry

FINE_DAYS, FINE_STEP = 14, 600.0
COARSE_DAYS, COARSE_STEP = 60, 3600.0
PUBLIC = frozenset({"weather", "gauge", "counter"})
PROPERTIES = {
    "water_flow": ("Débit d’eau", "m3/h"), "water_pressure": ("Pression d’eau", "bar"),
    "water_volume": ("Volume d’eau", "m3"), "fill_level": ("Remplissage", "%"),
    "air_temperature": ("Température", "Cel"), "power": ("Puissance électrique", "W"),
    "people_count": ("Personnes présentes", "{person}"), "relative_humidity": ("Humidité", "%"),
    "precipitation_rate": ("Pluie", "mm/h"), "wind_speed": ("Vent", "m/s"),
    "water_level": ("Hauteur d’eau", "m"),
}  # fmt: skip
CREWS = (
    ("eaux-val", "Eau 1", Domain.WATER, ()), ("eaux-val", "Eau 2", Domain.WATER, ("luc.roux",)),
    ("loire-coteaux", "Collecte 1", Domain.WASTE, ()),
    ("vernay", "Bâtiments", Domain.ENERGY, ()), ("vernay", "Éclairage", Domain.LIGHTING, ()),
    ("vernay", "Voirie 1", Domain.GENERAL, ()),
)  # fmt: skip

Streams = dict[tuple[str, str], Datastream]
"""(device key, series key) → datastream."""


def plant_things(ground: Ground, size: str, seed: int) -> tuple[Streams, dict[str, str]]:
    """Every device with its series and its token; answers the series and the tokens by device."""
    streams: Streams = {}
    tokens: dict[str, str] = {}
    properties = {
        name: objects.property_named(name, label, unit)
        for name, (label, unit) in PROPERTIES.items()
    }
    for device in devices(size, seed):
        actor = Actor.system(ground.authorities[device.holder], "town")
        thing = objects.create_thing(
            actor, domain=device.domain, name=device.name, device_id=device.key,
            street=ground.streets[device.street],
            longitude=device.position[0], latitude=device.position[1],
        )  # fmt: skip
        for series in device.series:
            streams[device.key, series.key] = objects.create_datastream(
                actor, thing, series.key, properties[series.property], series.unit,
                step=round(device.every) or 60, public=device.kind in PUBLIC,
            )  # fmt: skip
        tokens[device.key] = objects.create_device_token(actor, thing)
    return streams, tokens


def past_happenings(now: float) -> list[Disturbance]:
    """What the town remembers: a leak twelve days ago, found and repaired on the next day."""
    start = now - 12.0 * 86_400.0
    return [Disturbance(LEAK, "rue-de-l-eglise", start, 6.2, start + 31 * 3600.0)]


def plant_past(streams: Streams, size: str, seed: int, now: dt.datetime) -> int:
    """Readings of the last weeks, computed in one go and written straight to the store."""
    end = now.timestamp()
    fine, coarse = (FINE_DAYS, COARSE_DAYS) if size == "demo" else (2, 2)
    seconds = np.concatenate(
        [
            np.arange(end - coarse * 86_400.0, end - fine * 86_400.0, COARSE_STEP),
            np.arange(end - fine * 86_400.0, end, FINE_STEP),
        ]
    )
    values = shown(devices(size, seed), seconds, seed, past_happenings(end))
    times = (seconds * 1000.0).astype(np.int64)
    known = [key for key in streams if key in values]
    telemetry().upsert(
        Readings(
            np.repeat([streams[key].number for key in known], len(times)).astype(np.int64),
            np.tile(times, len(known)),
            np.concatenate([values[key] for key in known]),
        ),
        round(end * 1000),
    )
    # Past readings are history, not news: rules are not told, only the latest values are set.
    record_points(
        {streams[key]: Points(times[-1:], values[key][-1:]) for key in known}, observed=False
    )
    return len(known) * len(times)


def plant_crews(ground: Ground, people: People) -> dict[str, Crew]:
    crews: dict[str, Crew] = {}
    for slug, name, domain, members in CREWS:
        crew = Crew.objects.create(authority=ground.authorities[slug], name=name, domain=domain)
        crew.members.set([people.accounts[m] for m in members if m in people.accounts])
        crews[name] = crew
    return crews


def plant_rules(
    ground: Ground, crews: dict[str, Crew], streams: Streams, size: str, seed: int
) -> None:
    """The rules in force, the leak rule first."""
    known = devices(size, seed)
    for slug, kinds, series, fields in _rules(crews):
        chosen = _series(known, slug, kinds, series, streams)
        if chosen:
            actor = Actor.system(ground.authorities[slug], "town")
            rule_actions.activate(actor, rule_actions.draft_rule(actor, fields, chosen))


def _series(
    known: Sequence[Device], slug: str, kinds: Sequence[str], series: str, streams: Streams
) -> list[Datastream]:
    return [
        streams[device.key, series]
        for device in known
        if device.holder == slug and (device.driver in kinds or device.key in kinds)
        and (device.key, series) in streams
    ]  # fmt: skip


def _rules(crews: dict[str, Crew]) -> list[tuple[str, tuple[str, ...], str, dict[str, Any]]]:
    """(authority, drivers or devices, series, fields)."""
    return [
        ("eaux-val", ("main", TRIAL), "flow", {
            "name": "Fuite dans une rue", "domain": Domain.WATER, "on_level": 7.0, "off_level": 5.0,
            "for_seconds": 20, "clear_for_seconds": 60, "severity": 3, "crew": crews["Eau 2"],
            "message": "{quand}, {rue} : {écart} de plus que d’habitude",
            "proposes_notice": True,
            "notice_title": "Fuite d’eau {rue}",
            "notice_body": "Une fuite est détectée {rue}. Une équipe du syndicat des eaux intervient. "
            "L’eau peut manquer ou être trouble quelques heures. "
            "Au retour, laissez couler l’eau froide quelques minutes.",
        }),
        ("eaux-val", ("sector",), "flow", {
            "name": "Débit de nuit élevé", "domain": Domain.WATER, "on_level": 6.0, "off_level": 4.5,
            "for_seconds": 900, "clear_for_seconds": 900, "window_start": dt.time(2, 0),
            "window_end": dt.time(5, 0), "severity": 2, "crew": crews["Eau 1"],
            "message": "{objet} : {valeur} la nuit, au lieu de {habitude}",
        }),
        ("eaux-val", ("main",), "pressure", {
            "name": "Pression trop basse", "domain": Domain.WATER, "direction": "below", "on_level": 3.0,
            "off_level": 3.2, "for_seconds": 120, "clear_for_seconds": 120, "severity": 3,
            "crew": crews["Eau 2"], "message": "{rue} : pression tombée à {valeur}",
        }),
        ("loire-coteaux", ("bin",), "level", {
            "name": "Conteneur presque plein", "domain": Domain.WASTE, "on_level": 90.0, "off_level": 40.0,
            "for_seconds": 120, "clear_for_seconds": 60, "severity": 2, "crew": crews["Collecte 1"],
            "message": "{objet} : rempli à {valeur}",
        }),
        ("vernay", ("indoor",), "temperature", {
            "name": "Salle trop chaude", "domain": Domain.ENERGY, "on_level": 25.0, "off_level": 23.0,
            "for_seconds": 180, "clear_for_seconds": 180, "severity": 2, "crew": crews["Bâtiments"],
            "message": "{objet} : {valeur}, chauffage à vérifier",
        }),
        ("vernay", ("passage-place-du-puits", "passage-place-des-halles"), "people", {
            "name": "Foule sur une place", "domain": Domain.GENERAL, "on_level": 450.0, "off_level": 350.0,
            "for_seconds": 60, "clear_for_seconds": 120, "severity": 2, "crew": crews["Voirie 1"],
            "message": "{objet} : {valeur}", "proposes_notice": True,
            "notice_title": "Beaucoup de monde {rue}",
            "notice_body": "Il y a beaucoup de monde {rue}. Passez par les rues voisines si vous êtes en voiture, "
            "ou avec une poussette.",
        }),
        ("vernay", ("river",), "height", {
            "name": "Loire haute", "domain": Domain.GENERAL, "on_level": 2.8, "off_level": 2.6,
            "for_seconds": 600, "clear_for_seconds": 1800, "severity": 3, "crew": crews["Voirie 1"],
            "message": "La Loire atteint {valeur} au pont",
        }),
        ("vernay", ("lighting",), "power", {
            "name": "Lampes éteintes la nuit", "domain": Domain.LIGHTING, "direction": "below", "on_level": 250.0,
            "off_level": 300.0, "for_seconds": 600, "clear_for_seconds": 300, "window_start": dt.time(0, 0),
            "window_end": dt.time(3, 0), "severity": 2, "crew": crews["Éclairage"],
            "message": "{objet} : {valeur} seulement, des lampes sont éteintes",
        }),
    ]  # fmt: skip
