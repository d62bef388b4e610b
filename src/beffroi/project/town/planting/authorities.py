"""Who governs what: communes, intercommunalités, the water syndicat, the département; streets, sites."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from beffroi.base.authorities.models import (
    Address,
    Authority,
    Competence,
    Domain,
    Kind,
    Membership,
    Service,
    Share,
    ShareLevel,
    Site,
    Street,
)
from beffroi.base.authorities.street_names import searchable
from beffroi.project.town.geometry import line_string
from beffroi.project.town.streets import GROUND, streets

SINCE = dt.date(2020, 1, 1)
HOURS = "Du lundi au vendredi, de 8 h 30 à 12 h et de 13 h 30 à 17 h 30\nLe samedi, de 9 h à 12 h"
AUTHORITIES = (
    ("vernay", Kind.COMMUNE, "Vernay-sur-Loire", "49991", "02 41 00 00 00",
     "12, rue de l’Hôtel-de-Ville", HOURS),
    ("saint-clair", Kind.COMMUNE, "Saint-Clair-des-Vignes", "49992", "02 41 00 00 40",
     "1, place de la Mairie", "Le mardi et le jeudi, de 9 h à 12 h\nLe vendredi, de 14 h à 18 h"),
    ("loire-coteaux", Kind.INTERCOMMUNALITE, "Loire et Coteaux", "", "02 41 00 00 50",
     "3, avenue de la Gare, Vernay-sur-Loire", "Du lundi au vendredi, de 9 h à 17 h"),
    ("pays-de-brenne", Kind.INTERCOMMUNALITE, "Pays de Brenne", "", "02 41 00 00 60",
     "2, rue du Pressoir, Saint-Clair-des-Vignes", "Du lundi au vendredi, de 9 h à 16 h 30"),
    ("eaux-val", Kind.SYNDICAT, "Syndicat des eaux du Val de Maine-et-Brenne", "", "02 41 00 00 17",
     "40, route de Brenne, Vernay-sur-Loire", "Du lundi au vendredi, de 8 h 30 à 17 h\nAstreinte : 02 41 00 00 18"),
    ("val-de-brenne", Kind.DEPARTEMENT, "Val-de-Brenne", "", "02 41 00 00 70",
     "1, boulevard de la République, Vernay-sur-Loire", "Du lundi au vendredi, de 9 h à 17 h"),
)  # fmt: skip
MEMBERS = (
    ("vernay", "loire-coteaux"), ("saint-clair", "pays-de-brenne"),
    ("vernay", "eaux-val"), ("saint-clair", "eaux-val"),
    ("loire-coteaux", "eaux-val"), ("pays-de-brenne", "eaux-val"),
    ("vernay", "val-de-brenne"), ("saint-clair", "val-de-brenne"),
)  # fmt: skip
COMPETENCES = (
    (Domain.WATER, "vernay", "eaux-val"), (Domain.WATER, "saint-clair", "eaux-val"),
    (Domain.WASTE, "vernay", "loire-coteaux"), (Domain.WASTE, "saint-clair", "pays-de-brenne"),
)  # fmt: skip
SHARES = (
    ("eaux-val", "vernay", Domain.WATER, ShareLevel.ACT),
    ("eaux-val", "saint-clair", Domain.WATER, ShareLevel.SEE),
    ("loire-coteaux", "vernay", Domain.WASTE, ShareLevel.ACT),
)
SERVICES = (
    ("vernay", "accueil", "Accueil", Domain.RECEPTION),
    ("vernay", "etat-civil", "État civil", Domain.RECEPTION),
    ("vernay", "urbanisme", "Urbanisme", Domain.GENERAL),
    ("vernay", "solidarite", "Solidarité (CCAS)", Domain.RECEPTION),
    ("vernay", "voirie", "Voirie", Domain.ROADS),
    ("vernay", "batiments", "Bâtiments et énergie", Domain.ENERGY),
    ("vernay", "inclusion", "Inclusion numérique", Domain.INCLUSION),
    ("vernay", "communication", "Communication", Domain.INFORMATION),
    ("saint-clair", "accueil", "Accueil", Domain.RECEPTION),
    ("eaux-val", "eau", "Eau", Domain.WATER),
    ("loire-coteaux", "dechets", "Déchets", Domain.WASTE),
)  # fmt: skip
SITES = (
    ("vernay", "Hôtel de ville", "rue-de-l-hotel-de-ville", 12, "02 41 00 00 00", HOURS),
    ("vernay", "Maison des services", "avenue-de-la-gare", 8, "02 41 00 00 20",
     "Du lundi au vendredi, de 9 h à 12 h et de 14 h à 17 h"),
    ("vernay", "Médiathèque", "grande-rue", 16, "02 41 00 00 25",
     "Mardi, jeudi et vendredi, de 14 h à 18 h 30\nMercredi, de 10 h à 18 h 30\nSamedi, de 10 h à 17 h"),
    ("saint-clair", "Mairie de Saint-Clair", "place-de-la-mairie", 1, "02 41 00 00 40",
     "Le mardi et le jeudi, de 9 h à 12 h\nLe vendredi, de 14 h à 18 h"),
)  # fmt: skip


@dataclass
class Ground:
    """What everything else is planted on, by slug or key."""

    authorities: dict[str, Authority] = field(default_factory=dict)
    services: dict[tuple[str, str], Service] = field(default_factory=dict)
    streets: dict[str, Street] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)

    @property
    def vernay(self) -> Authority:
        return self.authorities["vernay"]


def plant_authorities(size: str, seed: int) -> Ground:
    """Authorities with their graph, their services, their streets and doors, their sites."""
    ground = Ground()
    for slug, kind, name, insee, phone, place, hours in AUTHORITIES:
        ground.authorities[slug] = Authority.objects.create(
            kind=kind, name=name, slug=slug, insee=insee, phone=phone, postal_address=place, hours=hours,
            email=f"contact@{slug}.example", is_default=slug == "vernay",
        )  # fmt: skip
    by = ground.authorities
    Membership.objects.bulk_create(
        Membership(member=by[member], group=by[group], since=SINCE) for member, group in MEMBERS
    )
    Competence.objects.bulk_create(
        Competence(domain=domain, territory=by[territory], holder=by[holder], since=SINCE)
        for domain, territory, holder in COMPETENCES
    )
    Share.objects.bulk_create(
        Share(holder=by[holder], viewer=by[viewer], domain=domain, level=level, since=SINCE)
        for holder, viewer, domain, level in SHARES
    )
    for slug, key, name, domain in SERVICES:
        ground.services[slug, key] = Service.objects.create(
            authority=by[slug], name=name, slug=key, domain=domain
        )
    _plant_streets(ground, size, seed)
    for slug, name, street, number, phone, hours in SITES:
        line = ground.streets[street]
        door = Address.objects.filter(street=line, number=number, suffix="").first()
        ground.sites[name] = Site.objects.create(
            authority=by[slug], name=name, street=line, postal_address=f"{number}, {line.name}", phone=phone,
            hours=hours, latitude=door.latitude if door else None, longitude=door.longitude if door else None,
        )  # fmt: skip
    return ground


def _plant_streets(ground: Ground, size: str, seed: int) -> None:
    lines = streets(size, seed)
    rows = Street.objects.bulk_create(
        Street(
            authority=ground.authorities[line.plan.commune], name=line.plan.name, slug=line.plan.key,
            search_name=searchable(line.plan.name), geometry=line_string(GROUND, line.line),
        )
        for line in lines
    )  # fmt: skip
    ground.streets = {row.slug: row for row in rows}
    Address.objects.bulk_create(
        (
            Address(
                street=ground.streets[line.plan.key], number=door.number, suffix=door.suffix,
                longitude=door.position[0], latitude=door.position[1],
            )
            for line in lines
            for door in line.doors
        ),
        batch_size=500,
    )  # fmt: skip
