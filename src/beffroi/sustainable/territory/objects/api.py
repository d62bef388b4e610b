"""Readings in, things and readings out, for devices and other systems."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any, Literal

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Schema, Status
from ninja.errors import HttpError
from ninja.security import HttpBearer

from beffroi.base.access.public import Actor, actor_of_key
from beffroi.base.api.public import Unprocessable, errors, room_router
from beffroi.base.intake.public import InboxError

from .actions import token_hash
from .engine.decimate import thin
from .models import Datastream, Thing, ThingState
from .queries import (
    MOST_POINTS,
    MOST_THINGS,
    last_stretch,
    milliseconds,
    moment_of,
    readings_of,
    series_for,
    things_of_territory,
)
from .receiving import receive
from .telemetry import telemetry

router = room_router()
LARGEST_BODY = 256 * 1024
LONGEST_RANGE = timedelta(days=3660)
#: The readings of ten years fill the memory; whoever asks for them says who he is.
LONGEST_FOR_STRANGERS = timedelta(days=400)
READINGS_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "oneOf": [
                        {"type": "object", "additionalProperties": True},
                        {"type": "array", "items": {"type": "object"}, "minItems": 1},
                    ]
                },
                "example": {"time": "2026-11-24T03:10:00+01:00", "flow": 17.4},
            }
        },
    }
}


class DeviceOrKey(HttpBearer):
    """`Authorization: Bearer` with the token of a device, or the key of another system."""

    def authenticate(self, request: HttpRequest, token: str) -> Thing | Actor | None:
        thing = (
            Thing.objects.filter(token_hash=token_hash(token))
            .exclude(state=ThingState.RETIRED)
            .first()
        )
        return thing or actor_of_key(token, request.authority)  # type: ignore[attr-defined]


class MaybeKey(HttpBearer):
    """Anyone, a signed-in person, or another system by its key; a wrong key is told so."""

    def __call__(self, request: HttpRequest) -> Actor | None:
        if "Authorization" in request.headers:
            actor: Actor | None = super().__call__(request)
            return actor
        return request.actor  # type: ignore[attr-defined]

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        return actor_of_key(token, request.authority)  # type: ignore[attr-defined]


class ReceivedOut(Schema):
    """`accepted` readings are on the disk; `set_aside` ones too, but no series receives them: their
    date is before 2000 or more than a day ahead."""

    accepted: int
    set_aside: int


class SeriesOut(Schema):
    id: int
    key: str
    observed_property: str
    unit: str
    step_s: int
    public: bool
    latest_time: datetime | None
    latest_value: float | None

    @staticmethod
    def resolve_observed_property(stream: Datastream) -> str:
        return stream.observed_property.name

    @staticmethod
    def resolve_step_s(stream: Datastream) -> int:
        return stream.step


class ThingOut(Schema):
    id: int
    name: str
    domain: str
    state: str
    street: str | None
    latitude: float | None
    longitude: float | None
    datastreams: list[SeriesOut]

    @staticmethod
    def resolve_street(thing: Thing) -> str | None:
        return thing.street.name if thing.street else None

    @staticmethod
    def resolve_datastreams(thing: Any) -> list[Datastream]:
        return list(thing.shown)


class ThingsOut(Schema):
    things: list[ThingOut]


class ObservationsOut(Schema):
    """Rows of [time, value], or of [start, minimum, mean, maximum, count] with a `step`.

    `thinned` says that only the extremes of equal stretches are given, so that no peak is missing.
    """

    unit: str
    columns: list[str]
    thinned: bool
    rows: list[list[datetime | float | int]]


@router.post(
    "/readings",
    auth=DeviceOrKey(),
    response={202: ReceivedOut, **errors(400, 401, 403, 413, 422, 503)},
    summary="Send readings",
    openapi_extra=READINGS_BODY,
)
def send_readings(request: HttpRequest, response: HttpResponse) -> Status:
    """Readings of a device. 202 is answered once they are on the disk; on any error nothing is stored."""
    if int(request.headers.get("Content-Length") or 0) > LARGEST_BODY:
        raise HttpError(413, _("Un envoi fait au plus 256 ko ; rien n’a été enregistré."))
    try:
        received = receive(request.auth, request.body, time.time_ns() // 1_000_000)  # type: ignore[attr-defined]
    except InboxError as refusing:
        response["Retry-After"] = "5"
        raise HttpError(
            503, _("Rien ne peut être enregistré en ce moment ; renvoyez plus tard.")
        ) from refusing
    return Status(202, received)


@router.get(
    "/things",
    auth=MaybeKey(),
    response={200: ThingsOut, **errors(400, 401, 404, 422)},
    summary="Things",
)
def list_things(request: HttpRequest, domain: str = Query("", max_length=20)) -> dict[str, Any]:
    """At most 500 things with the series that the caller may read."""
    return {"things": things_of_territory(_caller(request), domain)[:MOST_THINGS]}


@router.get(
    "/datastreams/{id}",
    auth=MaybeKey(),
    response={200: SeriesOut, **errors(400, 401, 404, 422)},
    summary="One series",
)
def get_datastream(request: HttpRequest, id: int) -> Datastream:
    return _series(request, id)


@router.get(
    "/datastreams/{id}/observations",
    auth=MaybeKey(),
    response={200: ObservationsOut, **errors(400, 401, 404, 422)},
    summary="Readings of a series",
)
def get_observations(
    request: HttpRequest,
    id: int,
    start: datetime | None = None,
    end: datetime | None = None,
    step: Literal["", "hour", "day", "week", "month"] = "",
    limit: int = Query(MOST_POINTS, ge=4, le=10_000),
) -> dict[str, Any]:
    """Readings in [start, end), the last seven days by default. Times need an offset. With `step`,
    minimum, mean, maximum and count by step of the authority's local days; else at most `limit` rows."""
    stream = _series(request, id)
    for asked in (start, end):
        if asked is not None and not 2000 <= asked.year < 2100:
            raise Unprocessable(_("Donnez des dates entre 2000 et 2099."))
    first, last = last_stretch(stream, timedelta(days=7))
    start, end = start or (end - timedelta(days=7) if end else first), end or last
    if start.tzinfo is None or end.tzinfo is None:
        raise Unprocessable(
            _("Donnez les dates avec leur décalage, par exemple 2026-11-24T03:00:00+01:00.")
        )
    if not timedelta() < end - start <= LONGEST_RANGE:
        raise Unprocessable(_("La fin doit suivre le début, de dix ans au plus."))
    if end - start > LONGEST_FOR_STRANGERS and not _caller(request).roles:
        raise Unprocessable(_("Sans clé, un an au plus à la fois."))
    if step:
        zone = stream.authority.zone
        sums = telemetry().aggregate(
            stream.number,
            milliseconds(start),
            milliseconds(end),
            3600 if step == "hour" else step,
            zone,
        )
        columns = [sums.starts, sums.minimum, sums.mean, sums.maximum, sums.count]
        rows = [
            [moment_of(row[0]), *row[1:]]
            for row in zip(*(column.tolist() for column in columns), strict=True)
        ]
        names = ["start", "minimum", "mean", "maximum", "count"]
        return {"unit": stream.unit, "columns": names, "thinned": False, "rows": rows}
    readings = readings_of(stream, start, end)
    times, values = thin(readings.times, readings.values, limit)
    return {
        "unit": stream.unit,
        "columns": ["time", "value"],
        "thinned": len(times) < len(readings),
        "rows": [
            [moment_of(time), value]
            for time, value in zip(times.tolist(), values.tolist(), strict=True)
        ],
    }


def _caller(request: HttpRequest) -> Actor:
    caller: Actor = request.auth  # type: ignore[attr-defined]
    return caller


def _series(request: HttpRequest, id: int) -> Datastream:
    found = series_for(_caller(request)).filter(pk=id).first() if id < 2**63 else None
    if found is None:
        raise Http404
    return found
