from __future__ import annotations

import datetime as dt
from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from beffroi.base.access.references import new_ref
from beffroi.base.authorities.models import Authority
from beffroi.base.people.models import Account

SILENT_AFTER = dt.timedelta(minutes=3)


class ImportRun(models.Model):
    """One import of one source, with how far it is and what it refused."""

    class State(models.TextChoices):
        WAITING = "waiting", _("en attente")
        RUNNING = "running", _("en cours")
        DONE = "done", _("terminé")
        CANCELLED = "cancelled", _("arrêté")
        FAILED = "failed", _("échoué")

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    authority = models.ForeignKey(Authority, models.CASCADE, related_name="+")
    started_by = models.ForeignKey(
        Account, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    importer = models.CharField(_("sorte"), max_length=40)
    source_name = models.CharField(_("fichier"), max_length=250)
    options = models.JSONField(_("options"), default=dict)
    state = models.CharField(_("état"), max_length=10, choices=State.choices, default=State.WAITING)
    done = models.PositiveBigIntegerField(_("traité"), default=0)
    total = models.PositiveBigIntegerField(_("à traiter"), default=0)
    accepted = models.PositiveBigIntegerField(_("enregistrés"), default=0)
    refused = models.PositiveBigIntegerField(_("refusés"), default=0)
    notes = models.JSONField(_("remarques"), default=list)
    cancel_asked = models.BooleanField(_("arrêt demandé"), default=False)
    created_at = models.DateTimeField(_("demandé le"), auto_now_add=True)
    ended_at = models.DateTimeField(_("fini le"), null=True, blank=True)
    heard_at = models.DateTimeField(_("dernier signe"), default=timezone.now)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ("-created_at", "-pk")
        indexes = [models.Index(fields=["authority", "-created_at"])]

    def __str__(self) -> str:
        return f"{self.importer} · {self.source_name}"

    @property
    def folder(self) -> Path:
        """Where the uploaded files wait until the import has ended."""
        return Path(settings.BEFFROI.data) / "files" / "imports" / self.ref

    @property
    def topic(self) -> str:
        return f"/imports/{self.ref}"

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.DONE, self.State.CANCELLED, self.State.FAILED)

    @property
    def is_silent(self) -> bool:
        """Running, but no sign for minutes: its process was probably stopped."""
        return self.state == self.State.RUNNING and self.heard_at < timezone.now() - SILENT_AFTER

    @property
    def percent(self) -> int | None:
        return min(100, self.done * 100 // self.total) if self.total else None


class RefusedLine(models.Model):
    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="refused_lines")
    line = models.PositiveBigIntegerField(_("ligne"))
    reason = models.CharField(_("raison"), max_length=500)

    class Meta:
        verbose_name = _("ligne refusée")
        verbose_name_plural = _("lignes refusées")
        ordering = ("pk",)
