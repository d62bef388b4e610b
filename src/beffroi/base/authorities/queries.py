from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet
from django.utils import timezone

from .models import Authority, Competence, Share, ShareLevel, Street
from .street_names import named_inside, searchable, significant


def in_force(on: dt.date) -> Q:
    return Q(since__lte=on) & (Q(until__isnull=True) | Q(until__gt=on))


def today_in(authority: Authority) -> dt.date:
    return timezone.localdate(timezone=authority.zone)


def default_authority() -> Authority | None:
    return Authority.objects.order_by("-is_default", "pk").first()


def authority_of_host(host: str) -> Authority | None:
    """The authority that answers under a host name, else the default one."""
    answering = Authority.objects.filter(Q(host=host) | Q(is_default=True)).order_by("is_default")
    return answering.first() or default_authority()


def holder_of(domain: str, territory: Authority, on: dt.date | None = None) -> Authority:
    """The authority that holds a domain on a territory at a date; the territory itself when
    no transfer is declared (general competence, CGCT art. L2121-29)."""
    competence = (
        Competence.objects.filter(
            in_force(on or today_in(territory)), domain=domain, territory=territory
        )
        .select_related("holder")
        .order_by("-since")
        .first()
    )
    return competence.holder if competence else territory


def shared_with(
    viewer: Authority, level: str = ShareLevel.SEE, on: dt.date | None = None
) -> QuerySet[Share]:
    shares = Share.objects.filter(in_force(on or today_in(viewer)), viewer=viewer)
    return shares.filter(level=ShareLevel.ACT) if level == ShareLevel.ACT else shares


def find_streets(authority: Authority, text: str) -> list[Street]:
    """The authority's streets that a text names, longest name first; else those that begin so.

    Accents, capitals, elisions and usual abbreviations do not matter: « plus d'eau r. des
    tanneurs » finds « rue des Tanneurs ».
    """
    if not searchable(text):
        return []
    streets = list(Street.objects.filter(authority=authority))
    named = [street for street in streets if named_inside(text, street.name)]
    if named:
        return sorted(named, key=lambda street: -len(street.name))
    wanted = significant(text)
    return [s for s in streets if len(wanted) >= 3 and wanted in significant(s.name)][:20]
