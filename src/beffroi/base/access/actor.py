"""Who acts: a person in a role, another system by its key, or the product itself by a rule."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied

from beffroi.base.authorities.models import Authority

from .registry import permission
from .roles import Role

if TYPE_CHECKING:
    from beffroi.base.people.models import Account


@dataclass(frozen=True)
class Actor:
    authority: Authority
    name: str = ""
    account: Account | None = None
    person_key: uuid.UUID | None = None
    roles: frozenset[Role] = frozenset()
    service_ids: frozenset[int] | None = field(default=None)
    automatic: bool = False

    @classmethod
    def anonymous(cls, authority: Authority) -> Actor:
        return cls(authority=authority)

    @classmethod
    def system(cls, authority: Authority, name: str) -> Actor:
        """An automatic step. It may propose whatever a room lets it; what touches people, a person decides."""
        return cls(authority=authority, name=name, automatic=True)

    @property
    def is_signed_in(self) -> bool:
        return self.account is not None

    @property
    def is_agent(self) -> bool:
        return bool(self.roles & {Role.AGENT, Role.FIELD, Role.HEAD, Role.ADMIN})

    def may(self, code: str) -> bool:
        return self.automatic or bool(permission(code).roles & self.roles)

    def require(self, code: str) -> None:
        """Raises PermissionDenied, naming the permission, when the actor does not carry it."""
        if not self.may(code):
            raise PermissionDenied(code)
