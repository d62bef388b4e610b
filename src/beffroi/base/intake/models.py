from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Position(models.Model):
    """How far a handler has come in the inbox, written in the transaction of what it did."""

    handler = models.CharField(_("traitement"), max_length=100, unique=True)
    number = models.BigIntegerField(_("dernier message traité"), default=0)
    moved_at = models.DateTimeField(_("date"), auto_now=True)

    class Meta:
        verbose_name = _("avancement dans la boîte de réception")
        verbose_name_plural = _("avancements dans la boîte de réception")
