"""Reading things, series and their readings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from beffroi.base.access.public import Actor, visible
from beffroi.base.design.charts import Band, Chart, Event, Series, Threshold

from .engine.decimate import thin
from .models import Datastream, QuarantinedReading, Thing, ThingState
from .telemetry import Readings, telemetry
from .units import spoken_unit

MOST_POINTS = 2000
MOST_THINGS = 500


def series_for(actor: Actor) -> QuerySet[Datastream]:
    """The series this actor may read: all those of its authority and of its shares for those who work
    there, else what the holder of each shows to everybody."""
    streams = Datastream.objects.select_related("thing__street", "observed_property", "authority")
    if actor.may("objects.see"):
        return visible(streams, actor) | streams.filter(public=True)
    return streams.filter(public=True)


def things_of_territory(actor: Actor, domain: str = "") -> list[Thing]:
    """Things with at least one series the actor may read, with these series as `shown`; two queries."""
    streams = series_for(actor)
    things = Thing.objects.exclude(state=ThingState.RETIRED).filter(datastreams__in=streams)
    if domain:
        things = things.filter(domain=domain)
    return list(
        things.select_related("street", "authority")
        .prefetch_related(Prefetch("datastreams", queryset=streams, to_attr="shown"))
        .distinct()
        .order_by("domain", "name", "pk")[:MOST_THINGS]
    )


def quarantine_for(actor: Actor) -> QuerySet[QuarantinedReading]:
    return visible(QuarantinedReading.objects.select_related("thing"), actor)


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def moment_of(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def readings_of(stream: Datastream, start: datetime, end: datetime) -> Readings:
    """All readings in [start, end), by ascending time."""
    return telemetry().read(stream.number, milliseconds(start), milliseconds(end))


def last_stretch(stream: Datastream, length: timedelta) -> tuple[datetime, datetime]:
    """The stretch of that length that ends with the last reading: an imported past is not an empty chart."""
    end = (stream.latest_time or timezone.now()) + timedelta(milliseconds=1)
    return end - length, end


def chart_of_stream(
    stream: Datastream,
    start: datetime,
    end: datetime,
    title: str,
    thresholds: Sequence[Threshold] = (),
    events: Sequence[Event] = (),
    band: Band | None = None,
) -> Chart:
    """The readings of [start, end), thinned to 2,000 with every peak kept."""
    readings = readings_of(stream, start, end)
    times, values = thin(readings.times, readings.values, MOST_POINTS)
    return Chart(
        title=title,
        unit=spoken_unit(stream.unit),
        series=[
            Series(
                stream.observed_property.label,
                [moment_of(time) for time in times.tolist()],
                values.tolist(),
            )
        ],
        zone=stream.authority.zone,
        band=band,
        thresholds=list(thresholds),
        events=[event for event in events if start <= event.at < end],
    )
