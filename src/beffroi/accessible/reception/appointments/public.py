"""What other rooms may use of the reception: claims on seats, the calendar file, first slots."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from beffroi.base.authorities.models import Authority

from . import claims
from .causes import booking_address
from .claims import Taken
from .engine.grid import cell_of
from .engine.ics import Entry, ics
from .models import ResourceKind
from .presence import first_slots

__all__ = [
    "Entry",
    "ResourceKind",
    "Taken",
    "booking_address",
    "cell_of",
    "claim",
    "first_slot_hint",
    "ics",
    "keep",
    "release",
    "taken_seats",
]


def claim(
    kind: ResourceKind,
    resource_id: int,
    cells: Sequence[int],
    holder_id: int,
    seats: int = 1,
    expires_at: dt.datetime | None = None,
) -> int:
    """Take one of `seats` seats of a resource on all of `cells`; returns its number from 0.

    Call it inside the transaction of the booking. `cells` are 5-minute steps since 1970-01-01 UTC
    (`cell_of`); `expires_at` (aware) makes the claim void from then on. The unique constraint of the
    claims table decides between simultaneous callers. Raises `Taken` when no seat is left; nothing
    is taken then.
    """
    return claims.claim(kind, resource_id, cells, holder_id, seats, expires_at)


def release(kind: ResourceKind, holder_ids: Iterable[int]) -> int:
    """Give back all that these holders took of this kind; returns the number of cells freed."""
    return claims.release(kind, holder_ids)


def keep(kind: ResourceKind, holder_id: int, expires_at: dt.datetime | None) -> bool:
    """Move the end of a claim that still stands, or make it lasting with None; False: it is void."""
    return claims.keep(kind, holder_id, expires_at)


def taken_seats(kind: ResourceKind, resource_ids: Iterable[int]) -> dict[int, int]:
    """How many seats are taken now, by resource, of resources claimed on one cell each."""
    return claims.taken_seats(kind, resource_ids)


def first_slot_hint(authority: Authority) -> str:
    """« Passeport : dès jeudi 10 h 20 », or nothing when no slot is free."""
    return first_slots(authority)
