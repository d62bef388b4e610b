"""Events this room emits, and those that ask it to close its work."""

from __future__ import annotations

from django.utils.translation import gettext as _

from beffroi.base.outbox.public import OutboxEvent, consumer, declare_event

from .actions import ask_to_close

declare_event("intervention_created", "An intervention was created: payload ref, state.")
declare_event(
    "intervention_closed", "An intervention was closed by a person: payload ref, verified."
)


@consumer("insight_ended", name="interventions.ask_to_close")
def ask_when_insight_ended(event: OutboxEvent) -> None:
    """The readings are normal again, or a person set the insight aside: the work waits to be closed."""
    payload = event.payload
    if payload.get("dismissed"):
        ask_to_close(
            event.subject_kind, event.subject_id, payload["by"], _("Le constat a été écarté.")
        )
        return
    verification = {
        key: payload[key] for key in ("ended_at", "level", "direction", "unit", "readings")
    }
    ask_to_close(
        event.subject_kind,
        event.subject_id,
        _("règle"),
        _("Les mesures sont revenues à la normale."),
        verification,
    )
