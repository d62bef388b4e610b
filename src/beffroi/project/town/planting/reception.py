"""The counter: reasons, agents, openings for eight weeks, absences, and people who have booked."""

from __future__ import annotations

import datetime as dt
import random

from beffroi.accessible.reception.appointments import actions, planning
from beffroi.accessible.reception.appointments.actions import Contact, Given
from beffroi.accessible.reception.appointments.availability import Selection
from beffroi.accessible.reception.appointments.engine.grid import moment_of
from beffroi.accessible.reception.appointments.models import (
    Agent,
    Channel,
    Opening,
    Origin,
    Reason,
)
from beffroi.accessible.reception.appointments.queries import Period, find_slots
from beffroi.base.access.public import Actor
from beffroi.project.town.planting.authorities import Ground
from beffroi.project.town.planting.people import People

WEEKS = 8
IDENTITY = [
    "Pièce d’identité à renouveler", "Photo d’identité de moins de 6 mois",
    "Justificatif de domicile de moins d’un an", "Numéro de pré-demande",
]  # fmt: skip
REASONS: tuple[tuple[str, str, str, int, Channel, list[str]], ...] = (
    # service, label, sentence, minutes, channel, documents
    ("etat-civil", "Carte d’identité ou passeport", "Première demande, renouvellement, perte ou vol", 20,
     Channel.OFFICE, IDENTITY),
    ("etat-civil", "Dossier de mariage ou PACS", "À deux, avec le dossier rempli", 30,
     Channel.OFFICE, ["Dossier rempli", "Pièces d’identité", "Justificatifs de domicile"]),
    ("etat-civil", "Cimetière et concessions", "Acheter ou renouveler une concession", 30, Channel.PHONE, []),
    ("urbanisme", "Projet de travaux", "Façade, extension, clôture, abri", 30,
     Channel.OFFICE, ["Plan de situation", "Photos", "Croquis du projet"]),
    ("solidarite", "Rencontrer le CCAS", "Aides, factures, repas à domicile", 45,
     Channel.OFFICE, ["Justificatifs de revenus", "Facture concernée, s’il y en a une"]),
    ("inclusion", "Être aidé pour une démarche en ligne", "Avec le conseiller numérique", 45, Channel.OFFICE, []),
    ("voirie", "Stationnement et occupation de la rue", "Carte de résident, benne, échafaudage", 15, Channel.PHONE, []),
)  # fmt: skip
Hours = tuple[tuple[int, ...], tuple[int, int], tuple[int, int]]
AGENTS: tuple[tuple[str, str, str, str, list[Hours], tuple[str, ...]], ...] = (
    # name, service, site, account, [(week days, from, to)], labels
    ("Inès Moreau", "etat-civil", "Hôtel de ville", "ines.moreau",
     [((1, 2, 4, 5), (8, 30), (12, 0)), ((1, 3, 5), (13, 30), (17, 0))],
     ("Carte", "Dossier", "Cimetière", "Stationnement")),
    ("Bruno Lefèvre", "etat-civil", "Hôtel de ville", "",
     [((2, 3, 4), (8, 30), (12, 0)), ((2, 4), (13, 30), (17, 30)), ((6,), (9, 0), (12, 0))], ("Carte", "Dossier")),
    ("Nadia Belkacem", "etat-civil", "Maison des services", "",
     [((1, 2, 3, 4, 5), (9, 0), (12, 0)), ((1, 4), (14, 0), (17, 0))], ("Carte",)),
    ("Hugo Perrin", "urbanisme", "Hôtel de ville", "", [((2, 4), (8, 30), (12, 0))], ("Projet",)),
    ("Solène Riou", "solidarite", "Maison des services", "",
     [((1, 3), (9, 0), (12, 0)), ((5,), (14, 0), (17, 0))], ("Rencontrer",)),
    ("Mathis Colin", "inclusion", "Maison des services", "", [((1, 2, 4, 5), (9, 0), (12, 0))], ("Être aidé",)),
)  # fmt: skip
FAMILIES = (
    "Martin", "Bernard", "Durand", "Petit", "Leroy", "Moreau", "Simon", "Laurent", "Michel", "Garcia",
    "Haddad", "Nguyen", "Kouassi", "Costa", "Fontaine", "Chevalier", "Robin", "Bouchet", "Marchand", "Lucas",
)  # fmt: skip
GIVEN = (
    "Louise", "Adam", "Jade", "Gabriel", "Amina", "Raphaël", "Chloé", "Youssef", "Manon", "Antoine",
    "Rose", "Thi-Mai", "Jean-Luc", "Fatou", "Élodie", "Paulo", "Simone", "Victor", "Inaya", "Bernard",
)  # fmt: skip
NOTES = (
    "",
    "",
    "",
    "Je viens avec mon fils.",
    "Je me déplace en fauteuil.",
    "Ancien passeport perdu.",
    "",
)
TINY_REASONS, TINY_AGENTS = 2, 2


def plant_reception(
    ground: Ground, people: People, size: str, seed: int, today: dt.date, booked: int
) -> None:
    """Everything of the counter of Vernay."""
    actor = Actor.system(ground.vernay, "town")
    tiny = size == "tiny"
    reasons = {
        label: planning.save_reason(
            actor,
            Reason(
                service=ground.services["vernay", service], label=label, summary=summary, duration=minutes,
                channel=channel, documents=documents,
            ),
        )
        for service, label, summary, minutes, channel, documents in REASONS[: TINY_REASONS if tiny else None]
    }  # fmt: skip
    agents = _plant_agents(actor, ground, people, reasons, tiny, today)
    _plant_absences(actor, agents, today)
    _plant_appointments(actor, list(reasons.values()), seed, today, booked)


def _plant_agents(
    actor: Actor,
    ground: Ground,
    people: People,
    reasons: dict[str, Reason],
    tiny: bool,
    today: dt.date,
) -> list[Agent]:
    first, last = today - dt.timedelta(days=14), today + dt.timedelta(weeks=WEEKS)
    found: list[Agent] = []
    for name, service, site, account, times, labels in AGENTS[: TINY_AGENTS if tiny else None]:
        received = [reason for label, reason in reasons.items() if label.startswith(tuple(labels))]
        person = people.accounts[account].person if account else None
        agent = planning.add_agent(
            actor, name, ground.services["vernay", service], ground.sites[site], person
        )
        for days, (start_hour, start_minute), (end_hour, end_minute) in times:
            for day in days:
                opening = Opening(
                    agent=agent, site=ground.sites[site], weekday=day, first_day=first, last_day=last,
                    starts=dt.time(start_hour, start_minute), ends=dt.time(end_hour, end_minute),
                )  # fmt: skip
                planning.save_opening(actor, opening, received)
        found.append(agent)
    return found


def _plant_absences(actor: Actor, agents: list[Agent], today: dt.date) -> None:
    zone = actor.authority.zone
    for number, agent in enumerate(agents[1:3]):
        start = dt.datetime.combine(today + dt.timedelta(days=9 + 6 * number), dt.time(8, 0), zone)
        label = ("Formation", "Congé")[number]
        planning.add_absence(actor, agent, start, start + dt.timedelta(hours=10), label)


def _plant_appointments(
    actor: Actor, reasons: list[Reason], seed: int, today: dt.date, booked: int
) -> None:
    """Spread over last week (seen), today, and the two weeks to come (dense first)."""
    chance = random.Random(seed)  # noqa: S311 - invented people, no secret
    made = 0
    for attempt in range(booked * 4):
        if made >= booked:
            return
        reason = chance.choices(reasons, [5 if "identité" in r.label else 2 for r in reasons])[0]
        day = today + dt.timedelta(days=_day(chance, attempt))
        slots = find_slots(Selection(reason), Period(day, day))
        if not len(slots):
            continue
        pick = chance.randrange(len(slots))
        made += _book(actor, Selection(reason), moment_of(int(slots.start[pick])), chance, today)


def _day(chance: random.Random, attempt: int) -> int:
    if attempt % 3 == 0:
        return 0
    return chance.choice((-6, -4, -3, 1, 1, 2, 2, 3, 4, 5, 7, 8, 10, 11))


def _book(
    actor: Actor,
    wanted: Selection,
    starts_at: dt.datetime,
    chance: random.Random,
    today: dt.date,
) -> bool:
    origin = chance.choice((Origin.WEB, Origin.WEB, Origin.COUNTER, Origin.PHONE))
    try:
        held = actions.hold(actor, wanted, starts_at, origin=origin)
    except actions.SlotTaken:
        return False
    given = chance.choice(GIVEN)
    contact = Contact(
        given, chance.choice(FAMILIES), phone=f"06 00 00 {chance.randrange(100):02d} {chance.randrange(100):02d}"
    )  # fmt: skip
    documents = [label for label in wanted.reason.documents if chance.random() < 0.7]
    booked = actions.confirm(actor, held, contact, Given(documents, chance.choice(NOTES)))
    if starts_at.astimezone(actor.authority.zone).date() < today:
        actions.mark(actor, booked, came=chance.random() < 0.9)
    return True
