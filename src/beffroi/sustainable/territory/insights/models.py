"""Rules over series, and what they found."""

from __future__ import annotations

from datetime import time

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from beffroi.base.access.public import new_ref
from beffroi.base.authorities.models import Authority, Domain, Street

from .engine.threshold import Threshold
from .wording import check_template

MISSED_READINGS = 3


class RuleState(models.TextChoices):
    DRAFT = "draft", _("Brouillon")
    ACTIVE = "active", _("Active")
    RETIRED = "retired", _("Arrêtée")


class Direction(models.TextChoices):
    ABOVE = "above", _("au-dessus")
    BELOW = "below", _("au-dessous")


class Rule(models.Model):
    """One version of a rule. A version that has been active never changes: editing makes the next one.

    The versions of one rule share `line`; at most one of them is active.
    """

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="rules")
    domain = models.CharField(_("domaine"), max_length=20, choices=Domain.choices)
    line = models.CharField(max_length=16, default=new_ref, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    state = models.CharField(
        max_length=10, choices=RuleState.choices, default=RuleState.DRAFT, editable=False
    )
    name = models.CharField(_("nom"), max_length=80)
    datastreams = models.ManyToManyField(
        "objects.Datastream", related_name="+", verbose_name=_("séries")
    )
    direction = models.CharField(
        _("sens"), max_length=5, choices=Direction.choices, default=Direction.ABOVE
    )
    on_level = models.FloatField(_("seuil d’alerte"))
    off_level = models.FloatField(_("retour à la normale"))
    for_seconds = models.PositiveIntegerField(_("pendant (secondes)"), default=0)
    clear_for_seconds = models.PositiveIntegerField(_("retour pendant (secondes)"), default=0)
    window_start = models.TimeField(_("de"), null=True, blank=True)
    window_end = models.TimeField(_("à"), null=True, blank=True)
    severity = models.PositiveSmallIntegerField(
        _("gravité"),
        default=2,
        choices=[(1, _("Information")), (2, _("À prévoir")), (3, _("Important")), (4, _("Danger"))],
    )
    message = models.CharField(_("phrase du constat"), max_length=200, validators=[check_template])
    crew = models.ForeignKey(
        "interventions.Crew",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("équipe"),
    )
    proposes_notice = models.BooleanField(_("proposer une annonce à la rue"), default=False)
    notice_title = models.CharField(
        _("titre de l’annonce"), max_length=120, blank=True, validators=[check_template]
    )
    notice_body = models.TextField(
        _("texte de l’annonce"), max_length=2000, blank=True, validators=[check_template]
    )
    streets = models.ManyToManyField(
        Street, blank=True, related_name="+", verbose_name=_("rues à prévenir")
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    activated_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("règle")
        ordering = ("name", "-version")
        constraints = [
            models.UniqueConstraint(fields=["line", "version"], name="one_rule_a_version"),
            models.UniqueConstraint(
                fields=["line"], condition=Q(state="active"), name="one_active_version_a_rule"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"

    def clean(self) -> None:
        wrong_side = (
            self.off_level > self.on_level
            if self.direction == Direction.ABOVE
            else self.off_level < self.on_level
        )
        if wrong_side:
            raise ValidationError(
                {
                    "off_level": _(
                        "Le retour à la normale doit être du côté calme du seuil d’alerte."
                    )
                }
            )
        if (self.window_start is None) != (self.window_end is None):
            raise ValidationError({"window_end": _("Donnez les deux heures, ou aucune.")})
        if self.proposes_notice and not (self.notice_title and self.notice_body):
            raise ValidationError(
                {"notice_title": _("Écrivez le titre et le texte de l’annonce à proposer.")}
            )

    @property
    def window(self) -> tuple[int, int] | None:
        """First and last minute of the local day in which the rule looks; None for the whole day."""
        if self.window_start is None or self.window_end is None:
            return None
        return minute_of(self.window_start), minute_of(self.window_end)

    def threshold(self, step: int) -> Threshold:
        """The rule as the engine knows it, for a series with readings every `step` seconds."""
        return Threshold(
            direction="above" if self.direction == Direction.ABOVE else "below",
            on_level=self.on_level,
            off_level=self.off_level,
            hold=self.for_seconds * 1000,
            clear_hold=self.clear_for_seconds * 1000,
            max_gap=MISSED_READINGS * step * 1000,
        )


def minute_of(moment: time) -> int:
    return moment.hour * 60 + moment.minute


class InsightState(models.TextChoices):
    OPEN = "open", _("À traiter")
    TAKEN = "taken", _("Pris en charge")
    DISMISSED = "dismissed", _("Écarté")
    ENDED = "ended", _("Terminé")


LIVE_STATES = (InsightState.OPEN, InsightState.TAKEN)


class Insight(models.Model):
    """What a rule found in a series, from its onset to the return to normal."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="insights")
    domain = models.CharField(max_length=20, choices=Domain.choices)
    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    rule = models.ForeignKey(Rule, models.PROTECT, related_name="insights")
    datastream = models.ForeignKey("objects.Datastream", models.PROTECT, related_name="+")
    title = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=InsightState.choices, default=InsightState.OPEN)
    severity = models.PositiveSmallIntegerField(default=2)
    onset = models.DateTimeField()
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    peak = models.FloatField()
    peak_at = models.DateTimeField()
    # What was held from the onset to the opening (median), and what is usual at the same hours.
    held = models.FloatField()
    usual = models.FloatField(null=True)
    noted_at = models.DateTimeField(default=timezone.now)
    dismissed_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("constat")
        ordering = ("-opened_at", "-pk")
        constraints = [
            # What a replay after a crash would find again is found once.
            models.UniqueConstraint(
                fields=["rule", "datastream", "onset"], name="one_insight_an_onset"
            )
        ]
        indexes = [
            models.Index(fields=["authority", "state", "-opened_at"], name="insights_by_state")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def name(self) -> str:
        """What and where, in a few words (« Fuite probable, rue des Tanneurs »); `title` says it all."""
        thing = self.datastream.thing
        return f"{self.rule.name}, {thing.street.name if thing.street else thing.name}"


class Watch(models.Model):
    """What a rule remembers of one series between two batches: `engine.threshold.State`, row by row."""

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="watches")
    datastream = models.ForeignKey("objects.Datastream", models.CASCADE, related_name="+")
    state = models.JSONField(default=dict)
    insight = models.ForeignKey(Insight, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "datastream"], name="one_watch_a_series")
        ]
