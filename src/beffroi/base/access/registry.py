"""The permissions of the house, declared by each room in its `permissions.py`."""

from __future__ import annotations

from dataclasses import dataclass

from .roles import Role


@dataclass(frozen=True)
class Permission:
    code: str
    label: str
    roles: frozenset[Role]


PERMISSIONS: dict[str, Permission] = {}


def declare(code: str, label: str, *roles: Role) -> None:
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
