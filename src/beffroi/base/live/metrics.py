"""Figures in the Prometheus text format, served on the private socket."""

from __future__ import annotations

import resource
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from beffroi.base.live.hub import Hub


@dataclass(slots=True)
class Figures:
    requests: int = 0
    refused_heads: int = 0
    deadlines: int = 0
    answers: dict[int, int] = field(default_factory=dict)

    def count(self, status: int) -> None:
        self.answers[status] = self.answers.get(status, 0) + 1


def exposition(figures: Figures, hub: Hub, connections: int) -> bytes:
    """The text a Prometheus server reads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    lines = [
        *_metric("beffroi_live_connections", "gauge", "Open connections.", connections),
        *_metric("beffroi_live_requests_total", "counter", "Requests read.", figures.requests),
        *_metric(
            "beffroi_live_refused_heads_total", "counter", "Heads refused.", figures.refused_heads
        ),
        *_metric("beffroi_live_deadlines_total", "counter", "Deadlines passed.", figures.deadlines),
        *_metric("beffroi_live_subscribers", "gauge", "Open event streams.", hub.subscribers),
        *_metric("beffroi_live_position", "gauge", "Last position of the log.", hub.position),
        *_metric("beffroi_live_published_total", "counter", "Events stored.", hub.published),
        *_metric(
            "beffroi_live_deliveries_total",
            "counter",
            "Events sent to a live stream.",
            hub.deliveries,
        ),
        *_metric("beffroi_live_replayed_total", "counter", "Events sent as replay.", hub.replayed),
        *_metric(
            "beffroi_live_dropped_total", "counter", "Streams dropped as too slow.", hub.dropped
        ),
        *_metric(
            "beffroi_live_storing", "gauge", "1 while the log can be written.", int(hub.storing)
        ),
        *_metric(
            "beffroi_live_cpu_seconds_total",
            "counter",
            "Processor time.",
            usage.ru_utime + usage.ru_stime,
        ),
        "# HELP beffroi_live_answers_total Answers by status.",
        "# TYPE beffroi_live_answers_total counter",
        *(
            f'beffroi_live_answers_total{{status="{status}"}} {count}'
            for status, count in sorted(figures.answers.items())
        ),
    ]
    return ("\n".join(lines) + "\n").encode()


def _metric(name: str, kind: str, help_text: str, value: float) -> tuple[str, str, str]:
    return f"# HELP {name} {help_text}", f"# TYPE {name} {kind}", f"{name} {value}"
