from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count

from beffroi.base.authorities.models import Authority

from .models import Consent, ConsentState, Mail


def subscribers(
    authority: Authority, kind: str, scopes: Sequence[str], after: int, limit: int
) -> list[Consent]:
    given = Consent.objects.filter(
        authority=authority,
        kind=kind,
        scope__in=list(scopes),
        state=ConsentState.GIVEN,
        pk__gt=after,
    )
    return list(given.order_by("pk")[:limit])


def subscriber_count(authority: Authority, kind: str, scopes: Sequence[str]) -> int:
    given = Consent.objects.filter(
        authority=authority, kind=kind, scope__in=list(scopes), state=ConsentState.GIVEN
    )
    return given.values("recipient_hash").distinct().count()


def mails_by_state(authority: Authority) -> dict[str, int]:
    rows = (
        Mail.objects.filter(authority=authority).order_by().values("state").annotate(n=Count("pk"))
    )
    return {row["state"]: row["n"] for row in rows}
