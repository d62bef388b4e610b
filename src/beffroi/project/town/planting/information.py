"""What the town says: its pages for the assistant, its notices, its screens."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

from beffroi.accessible.information.broadcast import actions as broadcast
from beffroi.accessible.information.broadcast.actions import Content
from beffroi.accessible.information.signage import actions as signage
from beffroi.accessible.information.signage.models import Orientation
from beffroi.base.access.public import Actor
from beffroi.base.authorities.models import Authority, Domain
from beffroi.base.imports.importers import importer
from beffroi.project.town.pages import Page, pages
from beffroi.project.town.planting.authorities import Ground
from beffroi.project.town.planting.people import People

TINY_PAGES = 4
NOTICES = (
    # title, body, severity, domain, streets, start day, days, published
    ("Rue du Port en travaux, un seul sens de circulation",
     "La chaussée est refaite entre la place du Puits et le quai Foch. On circule du nord vers le sud seulement. "
     "Les piétons passent par le trottoir est. Le stationnement est reporté au parking du Mail.",
     2, Domain.ROADS, ("rue-du-port",), -3, 12, True),
    ("Marché de Noël place du Puits",
     "Le marché de Noël réunit trente artisans, de 10 h à 20 h. La place est fermée aux voitures la veille à 18 h.",
     1, Domain.INFORMATION, ("place-du-puits",), 0, 20, True),
    ("Chemin de Halage fermé pour l’abattage de trois peupliers",
     "Passez par la rue du Lavoir. Les vélos mettent pied à terre rue de l’Abreuvoir.",
     2, Domain.ROADS, ("chemin-de-halage",), 0, 4, True),
    ("Éclairage en panne rue des Remparts",
     "Une armoire est en défaut. La réparation est prévue cette semaine.",
     1, Domain.LIGHTING, ("rue-des-remparts",), 0, 5, False),
)  # fmt: skip


class Quiet:
    """A report that stops at the first refusal: nothing of our own pages may be refused."""

    cancelled = False

    def check(self) -> None: ...

    def progress(self, done: int, total: int) -> None: ...

    def accept(self, count: int = 1) -> None: ...

    def note(self, message: object) -> None: ...

    def refuse(self, line: int, reason: object) -> None:
        raise ValueError(f"record {line}: {reason}")


def plant_pages(authority: Authority, size: str, today: dt.date) -> None:
    """The pages, through the very importer that an agent would use."""
    kind = importer("articles")
    if kind is None:
        raise LookupError("the assistant has no importer of articles")
    chosen = pages(today) if size == "demo" else pages(today)[:TINY_PAGES]
    with tempfile.TemporaryDirectory(prefix="pages-") as folder:
        for page in chosen:
            name = f"{page.language}-{page.slug}.md"
            (Path(folder) / name).write_text(_markdown(page), "utf-8")
        kind.run(Path(folder), Actor.system(authority, "town"), Quiet())


def _markdown(page: Page) -> str:
    return (
        f"---\nid: {page.slug}\ntitle: {page.title}\ntheme: {page.theme}\nlanguage: {page.language}\n"
        f"verified_on: {page.checked_on.isoformat()}\n---\n\n{page.body}\n"
    )


def plant_notices(ground: Ground, people: People, today: dt.date) -> None:
    """Notices written by an agent; all but the last are published by their head of service."""
    zone = ground.vernay.zone
    for title, body, severity, domain, streets, starts, days, published in NOTICES:
        begin = dt.datetime.combine(today + dt.timedelta(days=starts), dt.time(7, 0), zone)
        end = dt.datetime.combine(today + dt.timedelta(days=days), dt.time(18, 0), zone)
        content = Content(
            title=title,
            body=body,
            severity=severity,
            domain=domain,
            streets=[ground.streets[street] for street in streets if street in ground.streets],
            starts_at=begin,
            expected_end=end,
            ends_at=end,
        )
        notice = broadcast.propose(people.actor("ines.moreau"), ground.vernay, content)
        if published:
            broadcast.publish(people.actor("karim.diallo"), notice)


def plant_screens(ground: Ground, people: People) -> None:
    """Two screens, known to the town and dark until a browser takes their place."""
    for name, site, way in (
        ("Place du Puits", None, Orientation.LANDSCAPE),
        ("Hall de l’hôtel de ville", ground.sites["Hôtel de ville"], Orientation.PORTRAIT),
    ):
        pairing = signage.begin_pairing(ground.vernay, "127.0.0.1")
        signage.pair(people.actor("karim.diallo"), pairing.code, name, site, way)
