"""What objects registers with the house when it starts: the cord, the menus, the importer."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beffroi.base.access.public import Actor
from beffroi.base.design.public import register_menu
from beffroi.base.imports.public import register_importer
from beffroi.base.intake.public import register_handler
from beffroi.base.provenance.public import Step, describe

from .importing import ReadingsImporter
from .ingestion import HANDLER, handle_batch
from .queries import series_for
from .templatetags.objects import say_latest


def connect() -> None:
    describe("objects.datastream", step)
    register_menu("resident", 50, gettext_lazy("Le territoire mesuré"), "objects:territory")
    register_menu(
        "desk", 50, gettext_lazy("Territoire"), "objects:territory", permission="objects.see"
    )
    register_importer(ReadingsImporter)
    register_handler(handle_batch, name=HANDLER)


def step(stream_id: int, version: int | None, actor: Actor) -> Step | None:
    """A series on the cord, for whoever may read it."""
    stream = series_for(actor).filter(pk=stream_id).first()
    if stream is None:
        return None
    detail = _("Dernière mesure : %(value)s") % {"value": say_latest(stream)}
    return Step(
        kind_label=_("Mesures"),
        title=str(stream),
        detail=detail,
        url=reverse("objects:series", args=[stream.pk]),
    )
