"""The permissions of the house, declared by each room in its `permissions.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .roles import Role

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Permission:
    code: str
    label: StrOrPromise
    roles: frozenset[Role]


PERMISSIONS: dict[str, Permission] = {}


def declare(code: str, label: StrOrPromise, *roles: Role) -> None:
    """Declare a permission and the roles that carry it. Raises ValueError when declared twice differently."""
    permission = Permission(code, label, frozenset(roles))
    known = PERMISSIONS.setdefault(code, permission)
    if known.roles != permission.roles:
        raise ValueError(f"permission {code} is declared twice with different roles")


def permission(code: str) -> Permission:
    """Raises LookupError for a permission that no room declares: a misspelt one must not pass as refused."""
    try:
        return PERMISSIONS[code]
    except KeyError:
        raise LookupError(f"no room declares the permission {code!r}") from None
