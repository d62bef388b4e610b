"""Events this room emits."""

from __future__ import annotations

from beffroi.base.outbox.public import declare_event

declare_event(
    "insight_opened", "A rule found something in a series: payload ref, severity, domain."
)
declare_event(
    "insight_ended",
    "The readings are normal again (payload ref, ended_at, level, direction, unit, readings), "
    "or a person set the insight aside (payload ref, dismissed, by).",
)
