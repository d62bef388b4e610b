from __future__ import annotations

from datetime import datetime

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from beffroi.base.access.references import new_ref
from beffroi.base.authorities.models import Domain, Street

#: CAP 1.2 `category` of each domain.
CAP_CATEGORIES = {
    Domain.WATER: "Infra",
    Domain.ENERGY: "Infra",
    Domain.LIGHTING: "Infra",
    Domain.WASTE: "Env",
    Domain.FIRE: "Fire",
    Domain.ROADS: "Transport",
}


class Severity(models.IntegerChoices):
    """CAP 1.2 severity (Minor, Moderate, Severe, Extreme) in the interface's four words."""

    INFORMATION = 1, _("Information")
    ATTENTION = 2, _("À prévoir")
    SEVERE = 3, _("Important")
    EXTREME = 4, _("Danger")

    @property
    def cap(self) -> str:
        return ("Minor", "Moderate", "Severe", "Extreme")[self.value - 1]


class Urgency(models.TextChoices):
    """CAP 1.2 urgency, unchanged."""

    IMMEDIATE = "Immediate", _("tout de suite")
    EXPECTED = "Expected", _("dans l’heure")
    FUTURE = "Future", _("plus tard")
    UNKNOWN = "Unknown", _("non précisé")


class Certainty(models.TextChoices):
    """CAP 1.2 certainty, unchanged."""

    OBSERVED = "Observed", _("constaté")
    LIKELY = "Likely", _("probable")
    POSSIBLE = "Possible", _("possible")
    UNKNOWN = "Unknown", _("non précisé")


class State(models.TextChoices):
    DRAFT = "draft", _("brouillon")
    PROPOSED = "proposed", _("proposée")
    PUBLISHED = "published", _("publiée")
    ENDED = "ended", _("terminée")
    CANCELLED = "cancelled", _("annulée")


class EndedHow(models.TextChoices):
    RESOLVED = "resolved", _("Terminé : la situation est redevenue normale.")
    EXPIRED = "expired", _("Terminé à l’heure prévue.")
    BY_A_PERSON = "person", _("Terminé.")


class Notice(models.Model):
    """What an authority tells the people concerned: one text, many ways out."""

    ref = models.CharField(max_length=16, default=new_ref, unique=True, editable=False)
    authority = models.ForeignKey("authorities.Authority", models.PROTECT, related_name="notices")
    domain = models.CharField(_("domaine"), max_length=20, choices=Domain.choices)
    title = models.CharField(_("titre"), max_length=120)
    body = models.TextField(_("texte"), max_length=2000)
    severity = models.PositiveSmallIntegerField(
        _("importance"),
        choices=Severity.choices,
        validators=[MinValueValidator(1), MaxValueValidator(4)],
    )
    urgency = models.CharField(max_length=10, choices=Urgency.choices, default=Urgency.IMMEDIATE)
    certainty = models.CharField(
        max_length=10, choices=Certainty.choices, default=Certainty.OBSERVED
    )
    #: None means the whole territory when the set is empty.
    streets = models.ManyToManyField(Street, blank=True, related_name="notices")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)

    #: CAP `onset`: when what is announced begins; empty: it has begun.
    starts_at = models.DateTimeField(_("début"), null=True, blank=True)
    #: What people are told (« retour prévu à 11 h 30 »); it ends nothing.
    expected_end = models.DateTimeField(_("fin estimée"), null=True, blank=True)
    #: CAP `expires`: from then on it is shown nowhere.
    ends_at = models.DateTimeField(_("retrait automatique"), null=True, blank=True)

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    created_by = models.UUIDField(null=True, blank=True)
    #: The automatic step that proposed it; empty when a person did.
    proposed_by = models.CharField(max_length=100, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.UUIDField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.UUIDField(null=True, blank=True)
    ended_how = models.CharField(max_length=10, choices=EndedHow.choices, blank=True)
    ended_reason = models.CharField(max_length=200, blank=True)

    cause_kind = models.CharField(max_length=80, blank=True)
    cause_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("annonce")
        ordering = ("-severity", "starts_at", "-published_at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(severity__range=(1, 4)), name="notice_severity_1_to_4"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True)
                | Q(starts_at__isnull=True)
                | Q(ends_at__gt=F("starts_at")),
                name="notice_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=~Q(state="published")
                | Q(published_at__isnull=False, published_by__isnull=False),
                name="notice_published_by_a_person",
            ),
            models.UniqueConstraint(
                fields=["authority", "cause_kind", "cause_id"],
                condition=Q(cause_id__isnull=False),
                name="one_notice_a_cause_and_authority",
            ),
        ]
        indexes = [
            models.Index(fields=["authority", "state", "ends_at"], name="broadcast_current"),
            models.Index(fields=["cause_kind", "cause_id"], name="broadcast_by_cause"),
        ]

    def __str__(self) -> str:
        return self.title

    def is_current(self, at: datetime | None = None) -> bool:
        """Whether it may be shown: published and not expired, whatever the worker has done yet."""
        moment = at or timezone.now()
        return self.state == State.PUBLISHED and (self.ends_at is None or self.ends_at > moment)

    def has_begun(self, at: datetime | None = None) -> bool:
        return self.starts_at is None or self.starts_at <= (at or timezone.now())

    @property
    def shown_state(self) -> str:
        """The state as readers see it: what has expired is ended, even before the worker says so."""
        if self.state == State.PUBLISHED and not self.is_current():
            return State.ENDED
        return self.state

    @property
    def ending(self) -> str:
        """How it ended, in words."""
        if self.ended_reason:
            return self.ended_reason
        return str(EndedHow(self.ended_how or EndedHow.EXPIRED).label)

    @property
    def cap_category(self) -> str:
        return CAP_CATEGORIES.get(Domain(self.domain), "Other")

    @property
    def cap_severity(self) -> str:
        return Severity(self.severity).cap


class NoticeVersion(models.Model):
    """A notice as it stood after each change, and when that change reached its readers."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices)
    title = models.CharField(max_length=120)
    body = models.TextField()
    severity = models.PositiveSmallIntegerField()
    street_names = models.JSONField(default=list)
    starts_at = models.DateTimeField(null=True, blank=True)
    expected_end = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField()
    by = models.UUIDField(null=True, blank=True)
    #: The hub has it on its disk and is sending it.
    accepted_at = models.DateTimeField(null=True, blank=True)
    #: The first open page or screen fetched it after the hub's call.
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("version d’annonce")
        ordering = ("version",)
        constraints = [
            models.UniqueConstraint(fields=["notice", "version"], name="one_row_a_notice_version")
        ]

    @property
    def accepted_ms(self) -> int | None:
        return _milliseconds(self.at, self.accepted_at)

    @property
    def delivered_ms(self) -> int | None:
        return _milliseconds(self.at, self.delivered_at)


def _milliseconds(start: datetime, end: datetime | None) -> int | None:
    return None if end is None else round((end - start).total_seconds() * 1000)
