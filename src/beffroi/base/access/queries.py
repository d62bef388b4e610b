from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from beffroi.base.authorities.models import Authority

from .actor import Actor
from .models import ApiKey, Grant, digest_of
from .roles import Role

if TYPE_CHECKING:
    from beffroi.base.people.models import Account


def actor_of_account(account: Account, authority: Authority) -> Actor:
    """The account in this authority, with the roles granted there; a resident everywhere."""
    grants = list(Grant.objects.filter(account=account, authority=authority))
    everywhere = any(grant.service_id is None for grant in grants)
    return Actor(
        authority=authority,
        name=str(account.person),
        account=account,
        person_key=account.person.key,
        roles=frozenset({Role.RESIDENT, *(Role(grant.role) for grant in grants)}),
        service_ids=None if everywhere else frozenset(g.service_id for g in grants if g.service_id),
    )


def actor_of_key(key: str, authority: Authority) -> Actor | None:
    """The system behind an API key, in its own authority only."""
    known = ApiKey.objects.filter(
        digest=digest_of(key), authority=authority, revoked_at=None
    ).first()
    if known is None:
        return None
    return Actor(authority=authority, name=known.name, roles=frozenset({Role(known.role)}))


def authorities_of(account: Account) -> list[Authority]:
    return list(Authority.objects.filter(grants__account=account).distinct())


def revoke_key(key: ApiKey) -> None:
    key.revoked_at = timezone.now()
    key.save(update_fields=["revoked_at"])
