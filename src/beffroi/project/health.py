"""What a supervisor and a monitoring system ask: are you well, and how much have you done?"""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from beffroi.base.access.public import public_page


@public_page
def healthz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers; says nothing else, as anyone may ask."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "unavailable"}, status=503)
    return JsonResponse({"status": "ok"})


@public_page
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text, for this machine only: counts, never names.

    A front server on this machine is not the one who asks: what it forwards is refused.
    """
    is_forwarded = "," in request.META.get("HTTP_X_FORWARDED_FOR", "")
    if is_forwarded or request.META.get("REMOTE_ADDR") not in {"127.0.0.1", "::1"}:
        return HttpResponse(status=404)
    from beffroi.base.outbox.models import OutboxEvent
    from beffroi.base.tasks.models import Task

    registry = CollectorRegistry()
    now = timezone.now()
    figures = {
        "beffroi_tasks_due": (
            "Tasks due now",
            Task.objects.filter(due__lte=now, failed_at=None).count(),
        ),
        "beffroi_tasks_failed": ("Tasks given up", Task.objects.exclude(failed_at=None).count()),
        "beffroi_outbox_events": ("Events kept in the outbox", OutboxEvent.objects.count()),
    }
    for name, (text, figure) in figures.items():
        Gauge(name, text, registry=registry).set(figure)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
