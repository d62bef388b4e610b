"""Screens that stopped talking, on the agents' desk."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from beffroi.base.access.public import Actor, visible
from beffroi.base.desk.public import WorkItem

from .models import Screen

#: A reboot or a cut of the network shorter than this concerns nobody.
SILENT_FOR = timedelta(minutes=15)


def silent_screens(actor: Actor) -> list[WorkItem]:
    if not actor.may("signage.manage"):
        return []
    limit = timezone.now() - SILENT_FOR
    silent = visible(Screen.objects.filter(last_seen__lt=limit), actor).select_related("site")
    return [
        WorkItem(
            kind=_("Écran"),
            ref=screen.ref,
            title=_("%(name)s ne répond plus") % {"name": screen.name},
            detail=_("Il garde son dernier contenu. Vérifiez son courant et son réseau."),
            at=screen.last_seen or screen.paired_at,
            url=reverse("signage:screens"),
            mine=False,
            team=True,
            severity=2,
            service=screen.site.name if screen.site else "",
        )
        for screen in silent[:50]
    ]
