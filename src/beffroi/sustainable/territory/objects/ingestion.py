"""From the inbox to the series: decode, put aside what cannot be, keep the rest, tell who wants to know.

Readings go to the telemetry store first, in transactions of their own; then one transaction of the
main database records the latest values, what observers make of the readings and the place in the
inbox. A crash between the two only means that the same messages come again: the store keeps a
reading once, and the main database saw nothing of it yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from django.db import transaction

from beffroi.base.intake.public import Message, advance, position
from beffroi.base.outbox.public import announce

from .engine import payload
from .models import Datastream, QuarantinedReading, Reason, Thing, ThingState
from .observers import Points, tell_observers
from .telemetry import Readings, telemetry

HANDLER = "objects"


@dataclass(slots=True)
class Decoded:
    """What a batch holds: rows of (number, time, value, received), and what was put aside."""

    rows: list[tuple[int, int, float, int]] = field(default_factory=list)
    quarantined: list[QuarantinedReading] = field(default_factory=list)
    streams: dict[int, Datastream] = field(default_factory=dict)

    def readings(self) -> Readings:
        return Readings.of([row[:3] for row in self.rows])

    def points(self) -> dict[Datastream, Points]:
        """The rows by series, in the order they arrived."""
        readings = self.readings()
        return {
            self.streams[number]: Points(readings.times[chosen], readings.values[chosen])
            for number in np.unique(readings.numbers).tolist()
            if len(chosen := np.flatnonzero(readings.numbers == number))
        }


def handle_batch(batch: Sequence[Message]) -> int:
    """What the intake calls with messages in their order; returns the number of the last one."""
    last = batch[-1].number
    done = position(HANDLER)
    decoded = keep_readings([message for message in batch if message.number > done])
    with transaction.atomic():
        QuarantinedReading.objects.bulk_create(
            decoded.quarantined, ignore_conflicts=True, batch_size=200
        )
        record_points(decoded.points())
        advance(HANDLER, last)
    return last


def keep_readings(messages: Sequence[Message]) -> Decoded:
    """Decode the messages and put their readings into the telemetry store; outside any transaction."""
    decoded = decode(messages)
    if decoded.rows:
        received = np.array([row[3] for row in decoded.rows], np.int64)
        telemetry().upsert(decoded.readings(), received)
    return decoded


def record_points(points: Mapping[Datastream, Points], observed: bool = True) -> None:
    """Latest values, observers and open charts, inside the caller's transaction."""
    if not points:
        return
    with transaction.atomic():
        _keep_latest(points)
        if observed:
            tell_observers(points)
        for private in (False, True):
            topics = [f"/series/{stream.pk}" for stream in points if stream.public is not private]
            if topics:
                announce(topics, {"kind": "readings"}, private=private)


def decode(messages: Iterable[Message]) -> Decoded:
    """Rows and refusals of a batch, with one look-up of things and one of series for all of it."""
    batch = list(messages)
    things = {
        thing.device_id: thing
        for thing in Thing.objects.filter(device_id__in={message.device for message in batch})
    }
    streams = {
        (stream.thing_id, stream.key): stream
        for stream in Datastream.objects.filter(thing__in=things.values()).select_related(
            "authority", "thing"
        )
    }
    decoded = Decoded()
    for message in batch:
        thing = things.get(message.device)
        # A device that the listener let in and that was deleted since: nobody is left to tell.
        if thing is not None:
            _decode_one(message, thing, streams, decoded)
    return decoded


def _decode_one(
    message: Message, thing: Thing, streams: Mapping[tuple[int, str], Datastream], decoded: Decoded
) -> None:
    def put_aside(rank: int, key: str, raw: str, reason: str) -> None:
        decoded.quarantined.append(
            QuarantinedReading(
                authority_id=thing.authority_id,
                domain=thing.domain,
                thing=thing,
                key=key[:40],
                raw=raw[: payload.SHOWN],
                reason=reason,
                received_at=datetime.fromtimestamp(message.received_ms / 1000, UTC),
                message=message.number,
                rank=rank,
            )
        )

    if thing.state == ThingState.RETIRED:
        put_aside(0, "", "", Reason.RETIRED)
        return
    parsed = payload.parse(message.payload)
    for refusal in parsed.refusals:
        put_aside(refusal.rank, refusal.key, refusal.raw, refusal.reason)
    for reading in parsed.readings:
        stream = streams.get((thing.pk, reading.key))
        time = message.received_ms if reading.time is None else reading.time
        fault = payload.clock_fault(time, message.received_ms) if stream else Reason.UNKNOWN_KEY
        if fault or stream is None:
            put_aside(reading.rank, reading.key, f"{reading.value:g} · {time}", fault)
        else:
            decoded.streams[stream.number] = stream
            decoded.rows.append((stream.number, time, reading.value, message.received_ms))


def _keep_latest(points: Mapping[Datastream, Points]) -> None:
    """The last value of each series, unless a later one is known: late readings change nothing."""
    known = dict(
        Datastream.objects.select_for_update()
        .filter(pk__in=[stream.pk for stream in points])
        .order_by("pk")
        .values_list("pk", "latest_time")
    )
    changed = []
    for stream, series in points.items():
        last = int(np.argmax(series.times))
        time = datetime.fromtimestamp(int(series.times[last]) / 1000, UTC)
        before = known.get(stream.pk)
        if stream.pk in known and (before is None or time >= before):
            newest = np.flatnonzero(series.times == series.times[last])[-1]
            stream.latest_time, stream.latest_value = time, float(series.values[newest])
            changed.append(stream)
    Datastream.objects.bulk_update(changed, ["latest_time", "latest_value"], batch_size=200)
