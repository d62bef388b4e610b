"""Workshops of the digital adviser and of partners, with twelve seats each."""

from __future__ import annotations

import datetime as dt
import random

from beffroi.accessible.inclusion.workshops import actions
from beffroi.accessible.inclusion.workshops.actions import Participant
from beffroi.accessible.inclusion.workshops.models import Level, Session, Workshop
from beffroi.base.access.public import Actor
from beffroi.project.town.planting.authorities import Ground
from beffroi.project.town.planting.people import People
from beffroi.project.town.planting.reception import FAMILIES, GIVEN

SEATS = 12
WORKSHOPS = (
    ("Premiers pas avec l’ordinateur", "La souris, le clavier, ranger ses fichiers", Level.BEGINNER,
     "Rien : les ordinateurs sont prêtés", "Maison des services", 1, (14, 0)),
    ("Mes démarches en ligne sans crainte", "Créer un compte, garder ses mots de passe, reconnaître un faux site",
     Level.BEGINNER, "Votre téléphone ou votre tablette", "Maison des services", 3, (9, 30)),
    ("Mon téléphone et moi", "Photos, contacts, messages, taille du texte", Level.BEGINNER,
     "Votre téléphone et son chargeur", "Médiathèque", 2, (15, 0)),
    ("Trier et sauvegarder ses photos", "Faire de la place, ne rien perdre, imprimer un album", Level.PRACTICE,
     "Votre téléphone, une clé USB si vous en avez une", "Médiathèque", 4, (15, 0)),
    ("Parents et écrans", "Parler des écrans en famille, régler un téléphone d’enfant", Level.EVERYONE,
     "", "Médiathèque", 5, (10, 30)),
)  # fmt: skip
STEPS = (
    "Accueil et tour de table : ce que chacun voudrait savoir faire.\n"
    "Essais guidés, deux par deux, avec le conseiller.\n"
    "Pause, puis questions personnelles.\n"
    "Une fiche à emporter."
)
TAKEN = (9, 12, 4, 11, 2)


def plant_workshops(ground: Ground, people: People, size: str, seed: int, today: dt.date) -> None:
    """Approved workshops with sessions over eight weeks, some nearly full; one proposal waits."""
    actor = Actor.system(ground.vernay, "town")
    chance = random.Random(seed + 1)  # noqa: S311 - invented people, no secret
    weeks = 8 if size == "demo" else 1
    chosen = WORKSHOPS if size == "demo" else WORKSHOPS[:1]
    for number, (title, summary, level, bring, site, weekday, start) in enumerate(chosen):
        workshop = Workshop(
            title=title, summary=summary, level=level, to_bring=bring, description=STEPS
        )
        sessions = [
            _session(ground, site, today, weekday, start, week)
            for week in range(number % 2, weeks + 1, 2)
        ]
        actions.propose(actor, workshop, sessions[0])
        for later in sessions[1:]:
            later.workshop = workshop
            actions.save_session(actor, later)
        taken = (TAKEN[number] if size == "demo" else 2) if sessions[0].is_open else 0
        for _ in range(taken):
            participant = Participant(
                chance.choice(GIVEN), f"{chance.choice(FAMILIES)}-{chance.choice(FAMILIES)}",
                phone=f"06 00 01 {chance.randrange(100):02d} {chance.randrange(100):02d}",
            )  # fmt: skip
            actions.register(actor, sessions[0], participant, by_agent=True)
    if size == "demo":
        proposal = Workshop(
            title="Réparer plutôt que jeter",
            summary="Démonter, nettoyer, changer une batterie, avec l’atelier associatif",
            level=Level.EVERYONE,
            to_bring="Un petit appareil en panne",
        )
        actions.propose(
            people.actor("awa.ndiaye"),
            proposal,
            _session(ground, "Maison des services", today, 5, (14, 0), 3),
        )


def _session(
    ground: Ground, site: str, today: dt.date, weekday: int, start: tuple[int, int], week: int
) -> Session:
    day = today + dt.timedelta(days=(weekday - today.weekday()) % 7 or 7, weeks=week)
    begins = dt.datetime.combine(day, dt.time(*start), ground.vernay.zone)
    return Session(
        starts_at=begins,
        ends_at=begins + dt.timedelta(hours=2),
        site=ground.sites[site],
        seats=SEATS,
    )
