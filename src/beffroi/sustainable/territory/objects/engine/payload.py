"""What a device sends: JSON in, readings and refusals out. Never raises on hostile bytes."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from datetime import datetime

MOST_READINGS = 10_000
SHOWN = 200
YEAR_2000_MS = 946_684_800_000
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Reading:
    """`time` in ms UTC, None when the message gave none: it is then that of its reception."""

    rank: int
    key: str
    time: int | None
    value: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """One value put aside; `raw` is what was sent, cut to 200 characters."""

    rank: int
    key: str
    raw: str
    reason: str


@dataclass(slots=True)
class Parsed:
    """What a message holds: readings to keep and values to put aside, in the order of their ranks."""

    readings: list[Reading] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


class _NotFinite(float):
    """NaN and infinities, which JSON does not know but many devices write."""


def parse(body: bytes) -> Parsed:
    """Readings of a message: an object `{"time": …, "<key>": number, …}` or a list of them.

    `time` is ISO 8601 with an offset, or milliseconds since 1970. Every value gets a rank, the same
    each time the message is read.
    """
    parsed = Parsed()
    try:
        content = json.loads(body, parse_constant=_NotFinite)
    except (ValueError, RecursionError):
        return _unreadable(parsed, body)
    objects = content if isinstance(content, list) else [content]
    if not objects or not all(isinstance(each, dict) for each in objects):
        return _unreadable(parsed, body)
    if sum(map(len, objects)) > MOST_READINGS:
        return _unreadable(parsed, body)
    rank = 0
    for each in objects:
        stamp = each.pop("time", None)
        try:
            time = _milliseconds(stamp)
        except (ValueError, OverflowError):
            parsed.refusals.append(Refusal(rank, "", _shown(stamp), "bad_time"))
            rank += 1
            continue
        for written, value in each.items():
            key = _shown(written)
            if isinstance(value, bool) or not isinstance(value, int | float):
                parsed.refusals.append(Refusal(rank, key[:40], _shown(value), "not_a_number"))
            elif (number := _finite(value)) is None:
                parsed.refusals.append(Refusal(rank, key[:40], _shown(value), "not_finite"))
            else:
                parsed.readings.append(Reading(rank, key, time, number))
            rank += 1
    return parsed


def by_device(body: bytes) -> list[tuple[str, bytes]]:
    """Messages of several devices, `[{"device": …, "time": …, "<key>": …}, …]`, as one message each.

    Raises ValueError when the body is not such a list, or names no device somewhere.
    """
    try:
        content = json.loads(body, parse_constant=_NotFinite)
    except RecursionError as deep:
        raise ValueError("too deep") from deep
    objects = content if isinstance(content, list) else [content]
    if not objects or len(objects) > MOST_READINGS:
        raise ValueError("not a list of readings")
    messages = []
    for each in objects:
        device = each.pop("device", None) if isinstance(each, dict) else None
        if not isinstance(device, str) or not device:
            raise ValueError("no device")
        messages.append((device, json.dumps(each).encode()))
    return messages


def clock_fault(time: int, received: int) -> str:
    """Why a time (ms UTC) cannot be that of a reading received at `received`; empty when it can."""
    if time < YEAR_2000_MS:
        return "clock_behind"
    if time > received + DAY_MS:
        return "clock_ahead"
    return ""


def _unreadable(parsed: Parsed, body: bytes) -> Parsed:
    parsed.refusals.append(
        Refusal(0, "", _shown(body[:SHOWN].decode("utf-8", "replace")), "not_json")
    )
    return parsed


def _milliseconds(stamp: object) -> int | None:
    if stamp is None:
        return None
    if isinstance(stamp, str):
        moment = datetime.fromisoformat(stamp)
        if moment.tzinfo is None:
            raise ValueError("a time without offset could be any of several moments")
        return round(moment.timestamp() * 1000)
    if isinstance(stamp, bool) or not isinstance(stamp, int | float) or not math.isfinite(stamp):
        raise ValueError("not a time")
    if abs(stamp) > 1e14:
        raise ValueError("not a time")
    return round(stamp)


def _finite(value: float) -> float | None:
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _shown(value: object) -> str:
    """What was sent, in characters that every database keeps (no zero byte, no lone surrogate)."""
    try:
        text = str(value)[:SHOWN]
    except (ValueError, RecursionError):  # an integer of thousands of digits refuses to be written
        return "…"
    return text.replace("\0", "�").encode("utf-8", "replace").decode("utf-8")
