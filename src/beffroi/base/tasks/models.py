from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Task(models.Model):
    """Work to do after a commit. There is no "running" state to repair after a crash:
    to claim a task is to move its `due` by one lease and to sign it with a token."""

    name = models.CharField(_("nom"), max_length=100)
    arguments = models.JSONField(_("arguments"), default=dict, encoder=DjangoJSONEncoder)
    due = models.DateTimeField(_("échéance"))
    planned = models.BooleanField(_("à une date choisie"), default=False)
    urgent = models.BooleanField(_("urgente"), default=False)
    tries = models.PositiveSmallIntegerField(_("essais"), default=0)
    token = models.CharField(_("jeton de l’exécution"), max_length=80, blank=True, default="")
    key = models.CharField(_("clé"), max_length=200, blank=True, default="")
    again = models.BooleanField(_("à refaire après l’exécution en cours"), default=False)
    sequence = models.CharField(_("suite ordonnée"), max_length=200, blank=True, default="")
    error = models.TextField(_("dernière erreur"), blank=True, default="")
    created_at = models.DateTimeField(_("créée le"), auto_now_add=True)
    failed_at = models.DateTimeField(_("abandonnée le"), null=True, blank=True)

    class Meta:
        verbose_name = _("tâche")
        verbose_name_plural = _("tâches")
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                condition=~Q(key="") & Q(failed_at__isnull=True),
                name="one_task_alive_per_key",
            )
        ]
        indexes = [
            models.Index(
                fields=["-urgent", "due", "id"],
                condition=Q(failed_at__isnull=True),
                name="task_due",
            ),
            models.Index(fields=["sequence", "id"], condition=~Q(sequence=""), name="task_order"),
            models.Index(fields=["token"], condition=~Q(token=""), name="task_token"),
        ]


class Schedule(models.Model):
    """When a periodic task comes next. Any number of workers may look: one moves `next`."""

    name = models.CharField(_("nom"), max_length=100, unique=True)
    every = models.PositiveIntegerField(_("période en secondes"))
    next = models.DateTimeField(_("prochaine fois"))

    class Meta:
        verbose_name = _("tâche périodique")
        verbose_name_plural = _("tâches périodiques")
        ordering = [F("name").asc()]


class Clock(models.Model):
    """What the machine's clock said beside the time since its start, to see it jump back.

    One row (`id` 1), kept only with SQLite: PostgreSQL's own clock is asked there.
    """

    boot = models.CharField(_("démarrage de la machine"), max_length=64)
    offset_ms = models.BigIntegerField(_("écart en millisecondes"))

    class Meta:
        verbose_name = _("horloge")
        verbose_name_plural = _("horloges")
