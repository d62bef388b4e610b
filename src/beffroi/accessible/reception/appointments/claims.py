"""Taking and giving back seats of a resource, cell by cell. The database's constraint decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from .models import Claim, ResourceKind


class Taken(Exception):
    """No seat is left on at least one of the cells."""


def claim(
    kind: ResourceKind,
    resource_id: int,
    cells: Sequence[int],
    holder_id: int,
    seats: int = 1,
    expires_at: dt.datetime | None = None,
) -> int:
    """Take one seat on all the cells, or on none; see `public.claim`."""
    now = timezone.now()
    places = Claim.objects.filter(resource_kind=kind, resource_id=resource_id, cell__in=cells)
    places.filter(expires_at__lte=now).delete()
    for seat in _free_seats(places, seats):
        try:
            with transaction.atomic():
                Claim.objects.bulk_create(
                    Claim(
                        resource_kind=kind,
                        resource_id=resource_id,
                        # In one order everywhere: two that wait for each other never lock.
                        cell=cell,
                        seat=seat,
                        holder_id=holder_id,
                        expires_at=expires_at,
                    )
                    for cell in sorted(cells)
                )
        except IntegrityError:
            continue
        return seat
    raise Taken


def _free_seats(places: object, seats: int) -> Iterable[int]:
    """The seats to try. One seat is simply tried: the constraint says what a query would."""
    if seats == 1:
        return [0]
    used = set(places.values_list("seat", flat=True))  # type: ignore[attr-defined]
    return [seat for seat in range(seats) if seat not in used]


def release(kind: ResourceKind, holder_ids: Iterable[int]) -> int:
    """Give back every seat of these holders; returns how many cells became free."""
    freed, _ = Claim.objects.filter(resource_kind=kind, holder_id__in=list(holder_ids)).delete()
    return freed


def keep(kind: ResourceKind, holder_id: int, expires_at: dt.datetime | None) -> bool:
    """Move the end of a claim that still stands, or make it lasting with None; False: it is void."""
    standing = Claim.objects.filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()),
        resource_kind=kind,
        holder_id=holder_id,
    )
    return bool(standing.update(expires_at=expires_at))


def taken_seats(kind: ResourceKind, resource_ids: Iterable[int]) -> dict[int, int]:
    """How many seats are taken now, by resource, of resources claimed on one cell each."""
    counts: dict[int, int] = {}
    standing = Claim.objects.filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()),
        resource_kind=kind,
        resource_id__in=list(resource_ids),
    )
    for resource_id in standing.values_list("resource_id", flat=True):
        counts[resource_id] = counts.get(resource_id, 0) + 1
    return counts
