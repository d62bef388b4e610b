from __future__ import annotations

import uuid

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class OutboxEvent(models.Model):
    """Something that happened to an object, written in the transaction that made it happen."""

    kind = models.CharField(_("sorte"), max_length=100)
    authority = models.ForeignKey(
        "authorities.Authority",
        verbose_name=_("collectivité"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    subject_kind = models.CharField(_("sorte d’objet"), max_length=100)
    subject_id = models.BigIntegerField(_("numéro de l’objet"))
    payload = models.JSONField(_("précisions"), default=dict, encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(_("date"), auto_now_add=True)

    class Meta:
        verbose_name = _("événement")
        verbose_name_plural = _("événements")
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"]),
            models.Index(fields=["created_at"]),
        ]


class Announcement(models.Model):
    """What open pages must hear of, until the hub has it. Published in the order of `id`."""

    #: The event's id at the hub: a second delivery after a kill is recognised there.
    reference = models.UUIDField(_("référence"), default=uuid.uuid4, unique=True, editable=False)
    topics = models.JSONField(_("sujets"))
    data = models.JSONField(_("contenu"), encoder=DjangoJSONEncoder)
    private = models.BooleanField(_("privée"), default=False)
    created_at = models.DateTimeField(_("date"), auto_now_add=True)
    published_at = models.DateTimeField(_("publiée le"), null=True, blank=True)
    refused = models.CharField(_("refus du concentrateur"), max_length=500, blank=True, default="")

    class Meta:
        verbose_name = _("annonce aux pages ouvertes")
        verbose_name_plural = _("annonces aux pages ouvertes")
        indexes = [
            models.Index(fields=["id"], condition=Q(published_at__isnull=True), name="to_publish"),
            models.Index(fields=["created_at"]),
        ]
