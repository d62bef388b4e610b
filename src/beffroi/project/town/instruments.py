"""The instruments of the town: where they stand, what they measure, what physics drives them."""

from dataclasses import dataclass, replace

from beffroi.project.town.geometry import Position
from beffroi.project.town.physics.buildings import Building
from beffroi.project.town.physics.places import Bin, Cabinet, Place
from beffroi.project.town.physics.water import Main, Sector, Tower
from beffroi.project.town.streets import streets

WEEK = frozenset(range(5))
ALL_DAYS = frozenset(range(7))

SECTORS = (
    Sector("centre", 1450, 0.70, 48.0, 0.016, (
        Main("grande-rue", 260, 0.12, 0.10),
        Main("rue-de-l-eglise", 130, 0.08, 0.12),
    )),
    Sector("quais", 1180, 0.85, 50.0, 0.018, (
        Main("rue-des-tanneurs", 190, 0.12, 0.10),
        Main("quai-foch", 310, 0.16, 0.07),
    )),
    Sector("gare", 1720, 0.75, 45.0, 0.012, (Main("avenue-de-la-gare", 240, 0.10, 0.09),)),
    Sector("coteau", 1290, 0.55, 39.0, 0.015),
    Sector("faubourg", 980, 0.60, 44.0, 0.020),
    Sector("prairies", 1060, 0.95, 47.0, 0.019),
    Sector("saint-clair", 820, 0.50, 41.0, 0.025),
)  # fmt: skip
TOWER = Tower(capacity=1500.0, pump=125.0, low=0.42, high=0.94)
SECTOR_NAMES = {
    "centre": "Centre", "quais": "Quais", "gare": "Gare", "coteau": "Coteau",
    "faubourg": "Faubourg", "prairies": "Prairies", "saint-clair": "Saint-Clair",
}  # fmt: skip

BINS = tuple(
    Bin(key, litres, 1.45 * per_day, frozenset(rounds), busy_days=frozenset(busy))
    for key, litres, per_day, rounds, busy in (
        ("place-du-puits", 3000, 520, {0, 3, 5}, {1, 5}),
        ("place-des-halles", 3000, 480, {0, 3, 5}, {1, 5}),
        ("quai-foch", 4000, 560, {0, 3}, {5, 6}),
        ("place-de-la-gare", 3000, 460, {0, 3}, {4}),
        ("rue-du-stade", 3000, 330, {0, 3}, {2, 5}),
        ("rue-de-la-piscine", 3000, 360, {0, 3}, {2, 5}),
        ("allee-des-tilleuls", 4000, 500, {1, 4}, {5}),
        ("rue-marie-curie", 4000, 520, {1, 4}, {5}),
        ("rue-des-jardins", 3000, 380, {1, 4}, {6}),
        ("avenue-du-general-de-gaulle", 4000, 560, {1, 4}, set()),
        ("rue-des-artisans", 4000, 610, {1, 4}, set()),
        ("place-de-la-mairie", 3000, 300, {2}, {6}),
    )
)  # fmt: skip

BUILDINGS = (
    Building("ecole-du-port", 1.4, 48.0, 75.0, 19.5, 8.0, 17.0, WEEK - {2}, 10.0),
    Building("ecole-jules-ferry", 1.7, 60.0, 90.0, 19.5, 8.0, 17.0, WEEK - {2}, 12.0),
    Building("hotel-de-ville", 1.1, 95.0, 60.0, 19.0, 8.5, 17.5, WEEK, 4.0),
    Building("mediatheque", 0.9, 55.0, 50.0, 19.5, 9.5, 18.5, frozenset({1, 2, 3, 4, 5}), 5.0),
    Building("gymnase-du-stade", 2.6, 70.0, 120.0, 16.0, 8.0, 22.0, frozenset(range(6)), 6.0),
    Building("maison-france-services", 0.6, 32.0, 35.0, 19.5, 8.5, 17.5, WEEK, 3.0),
)
BUILDING_PLACES = {
    "ecole-du-port": ("École du Port", "rue-du-port"),
    "ecole-jules-ferry": ("École Jules-Ferry", "rue-des-ecoles"),
    "hotel-de-ville": ("Hôtel de ville", "rue-de-l-hotel-de-ville"),
    "mediatheque": ("Médiathèque", "grande-rue"),
    "gymnase-du-stade": ("Gymnase du Stade", "rue-du-stade"),
    "maison-france-services": ("Maison des services", "avenue-de-la-gare"),
}

PLACES = (
    Place("place-du-puits",
          ((26, 12.5, 3.2, ALL_DAYS), (180, 10.5, 1.7, frozenset({5})), (75, 10.5, 1.5, frozenset({1})))),
    Place("place-des-halles", ((18, 12.0, 3.0, ALL_DAYS), (120, 10.5, 1.7, frozenset({5})))),
    Place("quai-foch", ((14, 15.5, 3.0, WEEK), (60, 16.0, 2.5, frozenset({5, 6})))),
    Place("place-de-la-gare", ((55, 7.6, 0.7, WEEK), (48, 18.0, 1.1, WEEK), (15, 13.0, 4.0, ALL_DAYS))),
    Place("hotel-de-ville", ((9, 10.3, 1.2, WEEK), (11, 15.2, 1.4, WEEK)), outdoors=False),
    Place("mediatheque",
          ((16, 15.5, 2.0, frozenset({1, 2, 3, 4})), (30, 14.5, 2.2, frozenset({2, 5}))), outdoors=False),
)  # fmt: skip
PLACE_NAMES = {
    "place-du-puits": "place du Puits", "place-des-halles": "place des Halles", "quai-foch": "quai Foch",
    "place-de-la-gare": "place de la Gare", "hotel-de-ville": "hall de l’hôtel de ville",
    "mediatheque": "entrée de la médiathèque",
}  # fmt: skip

CABINETS = tuple(
    Cabinet(key, lamps)
    for key, lamps in (
        ("grande-rue", 34), ("quai-foch", 52), ("avenue-de-la-gare", 41), ("rue-des-tanneurs", 18),
        ("boulevard-de-la-republique", 46), ("avenue-du-general-de-gaulle", 48),
    )
)  # fmt: skip


@dataclass(frozen=True)
class Series:
    """What one device sends under one key of its JSON."""

    key: str
    name: str
    property: str
    unit: str  # UCUM


@dataclass(frozen=True)
class Device:
    """One device with its token; `driver` says which part of physics moves it, "" nothing does."""

    key: str
    name: str
    kind: str
    domain: str
    holder: str  # authority's slug
    street: str  # street's key
    position: Position
    series: tuple[Series, ...]
    every: float  # seconds between two messages
    driver: str = ""
    place: str = ""


FLOW = Series("flow", "Débit", "water_flow", "m3/h")
PRESSURE = Series("pressure", "Pression", "water_pressure", "bar")
LEVEL = Series("level", "Remplissage", "fill_level", "%")
TEMPERATURE = Series("temperature", "Température", "air_temperature", "Cel")
POWER = Series("power", "Puissance", "power", "W")
PEOPLE = Series("people", "Personnes présentes", "people_count", "{person}")
NAMED_BY_STREET = frozenset({"bin", "cabinet"})
TRIAL = "essai-moulin"
"""The device that visitors and the bench feed by hand: the simulator never does."""
TINY = frozenset({TRIAL, "conduite-rue-des-tanneurs", "secteur-quais", "passage-place-du-puits"})


def devices(size: str, seed: int) -> tuple[Device, ...]:
    """All devices of a size of town."""
    lines = {street.plan.key: street for street in streets(size, seed)}
    found = [
        Device(TRIAL, "Compteur d’essai, impasse du Moulin", "meter", "water", "eaux-val",
               "impasse-du-moulin", (0.0, 0.0), (FLOW, PRESSURE), 0.0, "trial", TRIAL),
        *(d for sector in SECTORS for d in _water(sector)),
        Device("chateau-d-eau", "Château d’eau du Coteau", "tower", "water", "eaux-val", "chemin-du-coteau",
               (0.0, 0.0),
               (Series("stored", "Eau en réserve", "water_volume", "m3"),
                Series("production", "Production", "water_flow", "m3/h")), 30.0, "tower"),
        *(Device(f"bac-{b.key}", "Conteneur", "bin", "waste", _collector(b.key), b.key, (0.0, 0.0),
                 (LEVEL,), 60.0, "bin", b.key) for b in BINS),
        *(Device(f"armoire-{c.key}", "Armoire d’éclairage", "cabinet", "lighting", "vernay", c.key, (0.0, 0.0),
                 (POWER,), 45.0, "lighting", c.key) for c in CABINETS),
        *(Device(f"air-{b.key}", f"Température, {BUILDING_PLACES[b.key][0]}", "room", "energy", "vernay",
                 BUILDING_PLACES[b.key][1], (0.0, 0.0), (TEMPERATURE,), 40.0, "indoor", b.key)
          for b in BUILDINGS),
        *(Device(f"passage-{p.key}", f"Comptage, {PLACE_NAMES[p.key]}", "counter", "general", "vernay",
                 _street_of_place(p.key), (0.0, 0.0), (PEOPLE,), 20.0, "crowd", p.key) for p in PLACES),
        Device("meteo", "Station météo du beffroi", "weather", "general", "vernay", "rue-de-l-hotel-de-ville",
               (0.0, 0.0),
               (TEMPERATURE, Series("humidity", "Humidité", "relative_humidity", "%"),
                Series("rain", "Pluie", "precipitation_rate", "mm/h"), Series("wind", "Vent", "wind_speed", "m/s")),
               60.0, "weather"),
        Device("loire", "Échelle de Loire, pont", "gauge", "general", "vernay", "pont-de-loire", (0.0, 0.0),
               (Series("height", "Hauteur de la Loire", "water_level", "m"),), 60.0, "river"),
    ]  # fmt: skip
    wanted = [d for d in found if d.street in lines and (size == "demo" or d.key in TINY)]
    return tuple(
        replace(
            device,
            name=f"{device.name}, {lines[device.street].plan.name}"
            if device.kind in NAMED_BY_STREET
            else device.name,
            position=lines[device.street].middle,
        )
        for device in wanted
    )


SECTOR_STREETS = {
    "centre": "rue-de-l-hotel-de-ville", "quais": "rue-du-port", "gare": "rue-des-ecoles",
    "coteau": "boulevard-de-la-liberte", "faubourg": "route-de-brenne",
    "prairies": "route-de-saint-clair", "saint-clair": "rue-du-pressoir",
}  # fmt: skip


def _water(sector: Sector) -> list[Device]:
    nowhere = (0.0, 0.0)
    inlet = Device(
        f"secteur-{sector.key}", f"Entrée du secteur {SECTOR_NAMES[sector.key]}", "meter", "water",
        "eaux-val", SECTOR_STREETS[sector.key], nowhere, (FLOW, PRESSURE), 20.0, "sector", sector.key,
    )  # fmt: skip
    return [
        inlet,
        *(
            Device(f"conduite-{main.street}", f"Conduite, {_spoken(main.street)}", "meter", "water",
                   "eaux-val", main.street, nowhere, (FLOW, PRESSURE), 10.0, "main", main.street)
            for main in sector.mains
        ),
    ]  # fmt: skip


def _spoken(street: str) -> str:
    return next(line.plan.name for line in streets("tiny", 0) if line.plan.key == street)


def _collector(street: str) -> str:
    return "pays-de-brenne" if street == "place-de-la-mairie" else "loire-coteaux"


def _street_of_place(place: str) -> str:
    return {"hotel-de-ville": "rue-de-l-hotel-de-ville", "mediatheque": "grande-rue"}.get(
        place, place
    )
