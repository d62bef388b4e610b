from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from beffroi.base.authorities.models import Authority


class Entry(models.Model):
    """Who saw or did what. The database refuses to change an entry, and to delete one under a year old."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("date"), auto_now_add=True, db_index=True)
    person_key = models.UUIDField(null=True, blank=True)
    automatic = models.CharField(_("étape automatique"), max_length=100, blank=True)
    verb = models.CharField(_("action"), max_length=80)
    object_kind = models.CharField(max_length=80, blank=True)
    object_id = models.CharField(max_length=40, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("ligne du journal")
        ordering = ("-at", "-pk")
        indexes = [models.Index(fields=["object_kind", "object_id"], name="audit_object")]
