"""From what a person types ("Rue des tanneurs") to the place that the physics knows."""

from __future__ import annotations

import re
import unicodedata

from beffroi.project.town.instruments import (
    BINS,
    BUILDING_PLACES,
    PLACE_NAMES,
    SECTOR_NAMES,
    SECTORS,
)
from beffroi.project.town.physics.disturbances import CROWD, EMPTY, FILL, HEAT, LEAK
from beffroi.project.town.physics.weather import OUTSIDE
from beffroi.project.town.streets import FIRST, REST, VILLAGE

PLANS = {plan.key: plan for plan in (*FIRST, *REST, *VILLAGE)}
WORDS = {LEAK: "fuite", CROWD: "foule", HEAT: "chaleur", FILL: "remplissage", EMPTY: "vidage"}
UNITS = {LEAK: "m³/h", CROWD: "personnes", HEAT: "°C", FILL: "du volume"}


class UnknownPlace(ValueError):
    """Nothing of that kind can happen there; the message names what can."""


def place_of(kind: str, text: str) -> str:
    """The place of the physics. Raises UnknownPlace with the names that would do."""
    known = _places(kind)
    wanted = _plain(text)
    for name, place in known.items():
        if wanted in (_plain(name), place):
            return place
    raise UnknownPlace(
        f"« {text} » : rien de tel ici. Lieux possibles : {', '.join(sorted(known))}."
    )


def unit_of(kind: str, amount: float) -> str:
    """« , 9 m³/h », or nothing for what has no amount."""
    return f", {amount:g} {UNITS[kind]}" if kind in UNITS else ""


def _places(kind: str) -> dict[str, str]:
    if kind == LEAK:
        # A street with its own meter leaks there; any other leaks into its sector.
        mains = {main.street for sector in SECTORS for main in sector.mains}
        streets = {plan.name: key if key in mains else plan.sector for key, plan in PLANS.items()}
        return streets | {f"secteur {name}": key for key, name in SECTOR_NAMES.items()}
    if kind == CROWD:
        return {name: key for key, name in PLACE_NAMES.items()}
    if kind == HEAT:
        return {name: key for key, (name, _street) in BUILDING_PLACES.items()} | {OUTSIDE: OUTSIDE}
    return {PLANS[container.key].name: container.key for container in BINS}


def _plain(text: str) -> str:
    """Without accents, capitals, apostrophes and spaces: what people do not type the same way."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "", bare)
