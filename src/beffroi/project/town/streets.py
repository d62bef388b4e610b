"""The plan of Vernay-sur-Loire and Saint-Clair-des-Vignes, drawn by hand in metres.

The origin is place du Puits. The river runs along the south, the station lies to the north,
the vineyards beyond it. Numbers climb from the first point: odd on the left, even on the right.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from beffroi.project.town.geometry import Ground, Points, Position, beside, curve, length
from beffroi.project.town.physics.chance import normal

GROUND = Ground(longitude=-0.1372, latitude=47.3418)
RIVER = (
    (1900, -250),
    (1200, -300),
    (600, -350),
    (0, -400),
    (-600, -390),
    (-1200, -340),
    (-1900, -360),
)

Control = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class StreetPlan:
    """One street: its sector of the water network, and how far apart its doors are."""

    key: str
    name: str
    sector: str
    control: Control
    doors: float = 14.0
    commune: str = "vernay"


def _street(
    key: str, name: str, sector: str, *control: tuple[float, float], doors: float = 14.0
) -> StreetPlan:
    return StreetPlan(key, name, sector, control, doors)


FIRST = (
    _street("place-du-puits", "place du Puits", "centre",
            (-25, -15), (25, -15), (28, 18), (-22, 20), (-25, -15)),
    _street("grande-rue", "Grande Rue", "centre",
            (28, 0), (140, -20), (260, -35), (420, -30), doors=11),
    _street("rue-de-l-eglise", "rue de l’Église", "centre",
            (-22, 18), (-40, 80), (-35, 150), (-60, 210), doors=11),
    _street("rue-des-tanneurs", "rue des Tanneurs", "quais",
            (140, -20), (150, -130), (160, -200), (150, -262), doors=10),
    _street("quai-foch", "quai Foch", "quais",
            (-420, -262), (-200, -270), (0, -268), (150, -262), (330, -255)),
    _street("impasse-du-moulin", "impasse du Moulin", "quais",
            (160, -200), (215, -190), (250, -205), doors=12),
    _street("rue-du-port", "rue du Port", "quais",
            (-25, -15), (-30, -110), (-20, -200), (0, -268), doors=11),
    _street("avenue-de-la-gare", "avenue de la Gare", "gare",
            (60, 265), (90, 400), (110, 540), (120, 700), doors=16),
    _street("rue-de-l-hotel-de-ville", "rue de l’Hôtel-de-Ville", "centre",
            (-22, 5), (-60, -40), (-120, -60), (-228, -50), doors=13),
    _street("rue-des-ecoles", "rue des Écoles", "gare",
            (60, 265), (80, 200), (60, 95), doors=15),
)  # fmt: skip
"""What the tiny town keeps."""

REST = (
    _street("place-de-l-eglise", "place de l’Église", "centre",
            (-60, 210), (-30, 250), (-70, 275), (-95, 235), (-60, 210)),
    _street("place-des-halles", "place des Halles", "centre",
            (175, 45), (230, 40), (235, 90), (170, 85), (175, 45), doors=12),
    _street("place-de-la-gare", "place de la Gare", "gare",
            (120, 700), (165, 705), (160, 745), (85, 740), (80, 705), (120, 700), doors=20),
    _street("quai-des-mariniers", "quai des Mariniers", "quais",
            (330, -255), (560, -240), (820, -210)),
    _street("rue-des-pecheurs", "rue des Pêcheurs", "quais",
            (-200, -270), (-190, -190), (-150, -120), (-30, -110), doors=12),
    _street("rue-de-la-saulaie", "rue de la Saulaie", "faubourg",
            (-420, -262), (-400, -160), (-385, -60), (-380, 20)),
    _street("pont-de-loire", "pont de Loire", "quais", (330, -255), (338, -340), (350, -480), doors=1000),
    _street("rue-basse", "rue Basse", "quais", (150, -130), (60, -128), (-30, -110), doors=11),
    _street("rue-haute", "rue Haute", "centre", (-40, 80), (60, 95), (170, 85), (278, 60), doors=11),
    _street("rue-des-halles", "rue des Halles", "centre", (140, -20), (155, 30), (170, 85), (175, 160), doors=11),
    _street("rue-du-chateau", "rue du Château", "coteau", (-70, 275), (-140, 290), (-215, 320), (-260, 380)),
    _street("rue-des-remparts", "rue des Remparts", "centre",
            (260, -35), (285, 60), (262, 150), (175, 225), (60, 265), (-30, 262)),
    _street("rue-du-rempart-ouest", "rue du Rempart-Ouest", "centre",
            (-95, 235), (-175, 205), (-220, 140), (-240, 20), (-228, -50), (-190, -190)),
    _street("rue-saint-nicolas", "rue Saint-Nicolas", "centre",
            (-25, 0), (-120, 15), (-240, 20), (-380, 20), doors=12),
    _street("rue-du-four", "rue du Four", "centre", (-40, 80), (-130, 90), (-220, 140), doors=12),
    _street("venelle-des-lavandieres", "venelle des Lavandières", "quais",
            (245, -258), (250, -205), (262, -120), (260, -35), doors=13),
    _street("rue-de-la-poste", "rue de la Poste", "centre",
            (260, -35), (262, -80), (205, -100), (150, -130), doors=12),
    _street("passage-du-beffroi", "passage du Beffroi", "centre", (-120, -60), (-110, -15), (-120, 15), doors=11),
    _street("rue-neuve", "rue Neuve", "gare", (175, 225), (205, 320), (215, 430), (205, 492)),
    _street("boulevard-de-la-republique", "boulevard de la République", "gare",
            (420, -30), (435, 120), (400, 280), (300, 420), (205, 492), (110, 540), doors=18),
    _street("boulevard-de-la-liberte", "boulevard de la Liberté", "coteau",
            (110, 540), (-80, 500), (-260, 380), (-375, 240), (-400, 110), (-380, 20), doors=18),
    _street("rue-victor-hugo", "rue Victor-Hugo", "gare", (90, 400), (215, 430), (300, 420), (430, 400)),
    _street("rue-marie-curie", "rue Marie-Curie", "gare", (110, 540), (250, 570), (390, 560), (520, 540)),
    _street("rue-louis-pasteur", "rue Louis-Pasteur", "gare", (120, 640), (260, 660), (400, 650), (520, 620)),
    _street("rue-jules-ferry", "rue Jules-Ferry", "gare", (430, 400), (440, 480), (390, 560), (400, 650)),
    _street("rue-olympe-de-gouges", "rue Olympe-de-Gouges", "coteau",
            (110, 620), (-40, 610), (-180, 560), (-260, 480)),
    _street("rue-george-sand", "rue George-Sand", "coteau", (-80, 500), (-70, 560), (-40, 610), (-30, 720)),
    _street("allee-des-tilleuls", "allée des Tilleuls", "coteau",
            (-260, 480), (-330, 560), (-300, 660), (-180, 680)),
    _street("rue-des-acacias", "rue des Acacias", "coteau", (-180, 560), (-185, 620), (-180, 680), (-160, 800)),
    _street("chemin-du-coteau", "chemin du Coteau", "coteau",
            (-160, 800), (-20, 860), (140, 900), (300, 960), doors=24),
    _street("chemin-des-vignes", "chemin des Vignes", "coteau",
            (120, 745), (140, 900), (240, 1100), (420, 1250), doors=34),
    _street("rue-de-la-fontaine", "rue de la Fontaine", "coteau",
            (-260, 380), (-340, 420), (-450, 430), (-560, 400)),
    _street("rue-des-noyers", "rue des Noyers", "coteau",
            (-375, 240), (-470, 280), (-560, 400), (-600, 500), doors=18),
    _street("route-de-brenne", "route de Brenne", "faubourg",
            (-380, 20), (-620, 60), (-900, 120), (-1300, 150), doors=26),
    _street("rue-des-jardins", "rue des Jardins", "faubourg", (-400, 110), (-520, 150), (-640, 170), (-760, 160)),
    _street("rue-du-lavoir", "rue du Lavoir", "faubourg", (-400, -160), (-510, -150), (-620, -110), (-700, -40)),
    _street("rue-de-l-abreuvoir", "rue de l’Abreuvoir", "faubourg",
            (-620, 60), (-640, -20), (-620, -110), (-630, -200)),
    _street("chemin-de-halage", "chemin de Halage", "faubourg",
            (-420, -262), (-630, -240), (-900, -190), (-1250, -170), doors=60),
    _street("rue-du-stade", "rue du Stade", "faubourg", (-760, 160), (-780, 60), (-760, -60), (-700, -40)),
    _street("rue-de-la-piscine", "rue de la Piscine", "faubourg",
            (-760, -60), (-880, -50), (-980, 20), (-900, 120), doors=22),
    _street("route-de-saint-clair", "route de Saint-Clair", "prairies",
            (435, 120), (650, 220), (900, 420), (1200, 640), (1500, 900), doors=32),
    _street("avenue-du-general-de-gaulle", "avenue du Général-de-Gaulle", "prairies",
            (420, -30), (620, -20), (850, 10), (1150, 30), doors=20),
    _street("rue-du-8-mai-1945", "rue du 8-Mai-1945", "prairies", (620, -20), (640, 100), (650, 220)),
    _street("rue-des-peupliers", "rue des Peupliers", "prairies", (640, 100), (780, 110), (900, 130), (1000, 120)),
    _street("rue-des-hirondelles", "rue des Hirondelles", "prairies",
            (850, 10), (880, 70), (900, 130), (890, 260), (900, 420)),
    _street("rue-du-bac", "rue du Bac", "prairies", (560, -240), (590, -130), (620, -20)),
    _street("levee-de-la-loire", "levée de la Loire", "prairies",
            (820, -210), (1100, -180), (1500, -160), doors=70),
    _street("rue-des-artisans", "rue des Artisans", "prairies",
            (1150, 30), (1180, 160), (1120, 280), (1000, 300), doors=40),
    _street("rue-de-l-industrie", "rue de l’Industrie", "prairies",
            (1180, 160), (1320, 180), (1450, 240), doors=45),
    _street("square-des-platanes", "square des Platanes", "gare",
            (250, 570), (330, 575), (335, 625), (255, 620), (250, 570), doors=18),
)  # fmt: skip

_VILLAGE = (2650.0, 1780.0)


def _village(key: str, name: str, *control: tuple[float, float], doors: float = 20.0) -> StreetPlan:
    shifted = tuple((x + _VILLAGE[0], y + _VILLAGE[1]) for x, y in control)
    return StreetPlan(key, name, "saint-clair", shifted, doors, commune="saint-clair")


VILLAGE = (
    _village("place-de-la-mairie", "place de la Mairie", (0, 0), (40, 5), (45, 45), (5, 40), (0, 0)),
    _village("rue-du-pressoir", "rue du Pressoir", (40, 5), (130, -20), (240, -10), (330, 30)),
    _village("rue-des-caves", "rue des Caves", (5, 40), (-60, 120), (-80, 230), (-150, 310)),
    _village("rue-saint-vincent", "rue Saint-Vincent", (0, 0), (-110, -20), (-230, 20), (-320, 10)),
    _village("rue-de-l-ecole", "rue de l’École", (45, 45), (110, 110), (120, 210)),
    _village("chemin-des-vendangeurs", "chemin des Vendangeurs", (120, 210), (220, 320), (380, 380), doors=40.0),
    _village("route-de-vernay", "route de Vernay", (0, 0), (-160, -170), (-420, -360), (-700, -560), doors=45.0),
    _village("rue-de-la-mairie", "rue de la Mairie", (40, 5), (60, -90), (50, -200)),
)  # fmt: skip


@dataclass(frozen=True)
class Door:
    """A numbered door."""

    number: int
    suffix: str
    position: Position


@dataclass(frozen=True)
class StreetLine:
    """A street as planted: the plan, its line in metres, and its doors."""

    plan: StreetPlan
    line: Points
    doors: tuple[Door, ...]

    @property
    def length(self) -> float:
        """Metres."""
        return length(self.line)

    @property
    def middle(self) -> Position:
        return GROUND.positions(beside(self.line, np.array([self.length / 2]), 0.0))[0]


@cache
def streets(size: str, seed: int) -> tuple[StreetLine, ...]:
    """All streets of a size of town, doors included; the seed moves doors, not streets."""
    if size == "tiny":
        return tuple(_draw(plan, seed) for plan in (*FIRST, *VILLAGE[:3]))
    if size == "demo":
        return tuple(_draw(plan, seed) for plan in (*FIRST, *REST, *VILLAGE))
    raise ValueError(f"unknown size {size!r}: tiny or demo")


def _draw(plan: StreetPlan, seed: int) -> StreetLine:
    line = curve(plan.control)
    count = int((length(line) - plan.doors) // plan.doors)
    square = plan.control[0] == plan.control[-1]
    # A square, drawn against the clock, has its doors around it and numbers that follow each other.
    sides = ((1, 1, -7.0),) if square else ((1, 2, 7.0), (2, 2, -7.0))
    doors: list[Door] = []
    for first, every, offset in sides:
        jitter = 0.2 * plan.doors * normal(seed, f"doors/{plan.key}/{first}", np.arange(count))
        metres = (np.arange(count) + 1.0) * plan.doors + np.clip(jitter, -4.0, 4.0)
        positions = GROUND.positions(beside(line, np.clip(metres, 2.0, None), offset))
        doors += [Door(first + every * i, "", position) for i, position in enumerate(positions)]
    if count > 6:
        seventh = next(door for door in doors if door.number == 7)
        longitude, latitude = seventh.position
        doors.append(Door(7, "bis", (longitude, round(latitude + 2e-5, 7))))
    return StreetLine(plan, line, tuple(sorted(doors, key=lambda d: (d.number, d.suffix))))


def river() -> dict[str, object]:
    """The river's middle line, GeoJSON, for maps."""
    line = curve(RIVER, spacing=80.0)
    return {"type": "LineString", "coordinates": [list(p) for p in GROUND.positions(line)]}
