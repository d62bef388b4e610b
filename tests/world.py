"""The smallest world in which every rule of the house can be seen to hold or to be broken."""

from __future__ import annotations

import datetime as dt

from beffroi.base.access.models import Grant
from beffroi.base.access.public import Role
from beffroi.base.authorities.models import (
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
from beffroi.base.people.models import Account, Person

from .conftest import PASSWORD, World

SINCE = dt.date(2020, 1, 1)
NAMES = {
    "resident": ("Jeanne", "Martin"),
    "partner": ("Awa", "Ndiaye"),
    "field": ("Luc", "Roux"),
    "agent": ("Inès", "Moreau"),
    "head": ("Karim", "Diallo"),
    "admin": ("Claire", "Petit"),
}


def build() -> World:
    commune = Authority.objects.create(
        kind=Kind.COMMUNE, name="Vernay-sur-Loire", slug="vernay", phone="02 41 00 00 00", is_default=True,
        hours="Du lundi au vendredi, de 8 h 30 à 17 h", email="mairie@vernay.example",
    )  # fmt: skip
    other = Authority.objects.create(
        kind=Kind.COMMUNE, name="Saint-Clair-des-Vignes", slug="saint-clair"
    )
    epci = Authority.objects.create(
        kind=Kind.INTERCOMMUNALITE, name="Loire et Coteaux", slug="loire-coteaux"
    )
    second = Authority.objects.create(
        kind=Kind.INTERCOMMUNALITE, name="Pays de Brenne", slug="pays-de-brenne"
    )
    syndicat = Authority.objects.create(
        kind=Kind.SYNDICAT, name="Syndicat des eaux du Val de Maine-et-Brenne", slug="eaux-val"
    )
    departement = Authority.objects.create(
        kind=Kind.DEPARTEMENT, name="Val-de-Brenne", slug="val-de-brenne"
    )
    for member, group in [
        (commune, epci), (other, second), (commune, syndicat), (other, syndicat),
        (commune, departement), (other, departement),
    ]:  # fmt: skip
        Membership.objects.create(member=member, group=group, since=SINCE)
    for territory in (commune, other):
        Competence.objects.create(
            domain=Domain.WATER, territory=territory, holder=syndicat, since=SINCE
        )
    Share.objects.create(
        holder=syndicat, viewer=commune, domain=Domain.WATER, level=ShareLevel.ACT, since=SINCE
    )
    world = World(commune, other, epci, second, syndicat, departement)
    for slug, name, domain in [
        ("etat-civil", "État civil", Domain.RECEPTION),
        ("accueil", "Accueil", Domain.INFORMATION),
        ("inclusion", "Inclusion numérique", Domain.INCLUSION),
    ]:
        world.services[slug] = Service.objects.create(
            authority=commune, name=name, slug=slug, domain=domain
        )
    for number, (slug, name) in enumerate(
        {
            "rue-des-tanneurs": "rue des Tanneurs",
            "quai-foch": "quai Foch",
            "rue-de-l-eglise": "rue de l’Église",
        }.items()
    ):
        line = [[0.10 + 0.001 * number, 47.30], [0.102 + 0.001 * number, 47.301]]
        world.streets[slug] = Street.objects.create(
            authority=commune,
            name=name,
            slug=slug,
            geometry={"type": "LineString", "coordinates": line},
        )
    world.site = Site.objects.create(
        authority=commune,
        name="Mairie",
        postal_address="1 place du Puits",
        hours="8 h 30 – 17 h",
        phone="02 41 00 00 00",
    )
    world.accounts = people_of(commune, "vernay")
    world.other_accounts = people_of(other, "saint-clair")
    world.syndicat_accounts = people_of(syndicat, "eaux-val")
    return world


def people_of(authority: Authority, domain: str) -> dict[str, object]:
    """One account in each role."""
    accounts: dict[str, object] = {}
    for role, (given, family) in NAMES.items():
        person = Person.objects.create(
            authority=authority,
            given_name=given,
            family_name=family,
            email=f"{role}@{domain}.example",
        )
        account = Account.objects.create_user(f"{role}@{domain}.example", PASSWORD, person)
        if role != "resident":
            Grant.objects.create(account=account, authority=authority, role=Role(role))
        accounts[role] = account
    return accounts
