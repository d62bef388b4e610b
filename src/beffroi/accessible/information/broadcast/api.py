"""The notices for other systems: reading only, what the public pages show."""

from __future__ import annotations

from datetime import datetime

from django.http import Http404, HttpRequest
from ninja import Query, Schema

from beffroi.base.api.public import errors, room_router
from beffroi.base.authorities.models import Street

from . import queries
from .feeds import fields_of

router = room_router()


class StreetOut(Schema):
    name: str
    slug: str


class NoticeOut(Schema):
    """One notice; names and codes of CAP 1.2 where it has one, times with the authority's offset."""

    identifier: str
    version: int
    state: str
    headline: str
    description: str
    domain: str
    category: str
    severity: str
    urgency: str
    certainty: str
    sent: datetime | None
    onset: datetime | None
    expected_end: datetime | None
    expires: datetime | None
    ended: datetime | None
    ending: str | None
    streets: list[StreetOut]
    url: str


class NoticesOut(Schema):
    updated: datetime
    notices: list[NoticeOut]


@router.get(
    "/notices", response={200: NoticesOut, **errors(400, 404, 422)}, summary="Current notices"
)
def notices(
    request: HttpRequest, street: str = Query("", max_length=160, description="slug of one street")
) -> dict[str, object]:
    """The notices in force now, the most serious first; with `street`, those that concern it."""
    authority = request.authority  # type: ignore[attr-defined]
    if authority is None:
        raise Http404
    of_street = None
    if street:
        of_street = Street.objects.filter(authority=authority, slug=street).first()
        if of_street is None:
            raise Http404
    return {
        "updated": queries.last_change(authority),
        "notices": [fields_of(notice) for notice in queries.current(authority, of_street)],
    }


@router.get(
    "/notices/{ref}", response={200: NoticeOut, **errors(400, 404, 422)}, summary="One notice"
)
def notice(request: HttpRequest, ref: str) -> dict[str, object]:
    """A notice that was published, current or ended."""
    authority = request.authority  # type: ignore[attr-defined]
    found = queries.public_notice(authority, ref) if authority else None
    if found is None:
        raise Http404
    return fields_of(found)
