"""Events this room emits, and those that end its notices."""

from __future__ import annotations

from beffroi.base.outbox.public import OutboxEvent, consumer, declare_event

from .actions import end_for_cause

declare_event("notice_proposed", "A notice waits for a person to publish it.")
declare_event("notice_published", "A notice was published: payload ref, version, severity, domain.")
declare_event("notice_updated", "A published notice was changed.")
declare_event("notice_ended", "A published notice ended, by a person, its time or its cause.")


@consumer("insight_ended", name="broadcast.end_with_cause")
def end_with_cause(event: OutboxEvent) -> None:
    """The readings are normal again: the notices that the insight caused end everywhere."""
    end_for_cause(event.subject_kind, event.subject_id, "rule engine")
