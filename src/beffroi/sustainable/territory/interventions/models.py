"""Crews and the work they are sent to do."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from beffroi.base.access.public import new_ref
from beffroi.base.authorities.models import Authority, Domain, Street


class Crew(models.Model):
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="crews")
    name = models.CharField(_("nom"), max_length=60)
    domain = models.CharField(_("domaine"), max_length=20, choices=Domain.choices)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="crews")

    class Meta:
        verbose_name = _("équipe")
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(fields=["authority", "name"], name="one_crew_name_an_authority")
        ]

    def __str__(self) -> str:
        return self.name


class State(models.TextChoices):
    PROPOSED = "proposed", _("Proposée")
    SENT = "sent", _("Envoyée")
    ON_SITE = "on_site", _("Sur place")
    TO_CLOSE = "to_close", _("À clore")
    CLOSED = "closed", _("Close")


OPEN_STATES = (State.PROPOSED, State.SENT, State.ON_SITE, State.TO_CLOSE)


class Intervention(models.Model):
    """A crew sent somewhere for a reason; closed by a person, verified by the readings that follow."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="interventions")
    domain = models.CharField(_("domaine"), max_length=20, choices=Domain.choices)
    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    title = models.CharField(_("titre"), max_length=200)
    crew = models.ForeignKey(
        Crew,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="interventions",
        verbose_name=_("équipe"),
    )
    state = models.CharField(
        _("état"), max_length=10, choices=State.choices, default=State.PROPOSED
    )
    severity = models.PositiveSmallIntegerField(_("gravité"), default=2)
    place = models.CharField(_("lieu"), max_length=200, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    streets = models.ManyToManyField(Street, blank=True, related_name="+", verbose_name=_("rues"))
    due = models.DateTimeField(_("à faire avant"), null=True, blank=True)
    cause_kind = models.CharField(max_length=60, blank=True, editable=False)
    cause_id = models.BigIntegerField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The readings that followed the work: {"since", "until", "level", "unit", "readings": [[time, value], …]}.
    verification = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        verbose_name = _("intervention")
        ordering = ("-created_at", "-pk")
        indexes = [
            models.Index(
                fields=["authority", "state", "-created_at"], name="interventions_by_state"
            ),
            models.Index(fields=["cause_kind", "cause_id"], name="interventions_by_cause"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_verified(self) -> bool:
        """The readings that followed show that the matter is settled."""
        return bool(self.verification.get("readings"))


class LogEntry(models.Model):
    """One line of an intervention's log: what was done, or what somebody reports."""

    intervention = models.ForeignKey(Intervention, models.CASCADE, related_name="log")
    at = models.DateTimeField(default=timezone.now, editable=False)
    author = models.CharField(_("auteur"), max_length=120, blank=True)
    person_key = models.UUIDField(null=True, editable=False)
    state = models.CharField(max_length=10, choices=State.choices, blank=True)
    note = models.TextField(_("note"), max_length=2000, blank=True)

    class Meta:
        verbose_name = _("ligne d’intervention")
        ordering = ("at", "pk")
