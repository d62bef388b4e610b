"""The accounts of the demonstration, one or more in each role."""

from __future__ import annotations

from dataclasses import dataclass

from beffroi.base.access.models import Grant
from beffroi.base.access.public import Actor, Role, actor_of_account
from beffroi.base.people.models import Account, Person
from beffroi.project.town.planting.authorities import Ground

ACCOUNTS = (
    ("ines.moreau", "vernay", Role.AGENT, "Inès", "Moreau"),
    ("karim.diallo", "vernay", Role.HEAD, "Karim", "Diallo"),
    ("claire.petit", "vernay", Role.ADMIN, "Claire", "Petit"),
    ("awa.ndiaye", "vernay", Role.PARTNER, "Awa", "Ndiaye"),
    ("jeanne.martin", "vernay", Role.RESIDENT, "Jeanne", "Martin"),
    ("luc.roux", "eaux-val", Role.FIELD, "Luc", "Roux"),
    ("denis.garnier", "eaux-val", Role.HEAD, "Denis", "Garnier"),
    ("sofia.bernard", "loire-coteaux", Role.HEAD, "Sofia", "Bernard"),
    ("paul.renaud", "saint-clair", Role.AGENT, "Paul", "Renaud"),
)
TINY = 6


@dataclass(frozen=True)
class People:
    """Accounts by the part of their address before the @."""

    accounts: dict[str, Account]

    def actor(self, name: str) -> Actor:
        account = self.accounts[name]
        return actor_of_account(account, account.person.authority)


def plant_people(ground: Ground, size: str, password: str) -> People:
    """Persons, accounts with the one demonstration password, and their roles."""
    accounts: dict[str, Account] = {}
    hashed = ""
    for name, slug, role, given, family in ACCOUNTS if size == "demo" else ACCOUNTS[:TINY]:
        authority = ground.authorities[slug]
        email = f"{name}@{slug}.example"
        person = Person.objects.create(
            authority=authority,
            given_name=given,
            family_name=family,
            email=email,
            phone="02 41 00 01 00",
        )
        account = Account(email=email, person=person)
        # One hash for all: a good hash is slow, and the password is the same public one.
        if not hashed:
            account.set_password(password)
            hashed = account.password
        account.password = hashed
        account.save()
        if role != Role.RESIDENT:
            Grant.objects.create(account=account, authority=authority, role=role)
        accounts[name] = account
    return People(accounts)


def shown_accounts(people: People) -> list[dict[str, str]]:
    """What the start of the program prints: who may sign in, as what, where."""
    places = {
        name: (slug, role) for name, slug, role, *_names in ACCOUNTS if name in people.accounts
    }
    return [
        {
            "email": account.email,
            "name": str(account),
            "role": f"{Role(places[name][1]).label}, {account.person.authority.name}",
            "authority": places[name][0],
        }
        for name, account in people.accounts.items()
    ]
