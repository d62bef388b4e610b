"""Workshops, their sessions, and who comes. Seats are claims, as at the counter (appointments)."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from beffroi.base.access.references import new_ref
from beffroi.base.authorities.models import Authority, Site
from beffroi.base.people.models import Person


class ProposalState(models.TextChoices):
    PROPOSED = "proposed", _("proposé")
    APPROVED = "approved", _("accepté")
    REFUSED = "refused", _("refusé")


class Level(models.TextChoices):
    BEGINNER = "beginner", _("Pour débuter")
    PRACTICE = "practice", _("Pour se perfectionner")
    EVERYONE = "everyone", _("Pour tout le monde")


class Workshop(models.Model):
    """What is taught. A partner proposes it, an agent accepts it; only then do residents see it."""

    ref = models.CharField(max_length=32, unique=True, default=new_ref, editable=False)
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="workshops")
    title = models.CharField(_("titre"), max_length=120)
    summary = models.CharField(_("en une phrase"), max_length=200)
    description = models.TextField(_("déroulement"), max_length=4000, blank=True)
    level = models.CharField(
        _("niveau"), max_length=10, choices=Level.choices, default=Level.EVERYONE
    )
    to_bring = models.CharField(_("à apporter"), max_length=200, blank=True)
    state = models.CharField(
        max_length=10, choices=ProposalState.choices, default=ProposalState.PROPOSED
    )
    refusal = models.CharField(_("pourquoi"), max_length=300, blank=True)
    proposed_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("atelier")
        ordering = ("title", "pk")

    def __str__(self) -> str:
        return self.title


class Session(models.Model):
    """One date of a workshop, with its place and its number of seats."""

    ref = models.CharField(max_length=32, unique=True, default=new_ref, editable=False)
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    workshop = models.ForeignKey(Workshop, models.CASCADE, related_name="sessions")
    starts_at = models.DateTimeField(_("début"))
    ends_at = models.DateTimeField(_("fin"))
    site = models.ForeignKey(
        Site, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("lieu")
    )
    place = models.CharField(_("autre adresse"), max_length=200, blank=True)
    seats = models.PositiveSmallIntegerField(
        _("places"), default=12, validators=[MinValueValidator(1), MaxValueValidator(500)]
    )
    is_cancelled = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("séance")
        ordering = ("starts_at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="session_has_a_length"
            ),
            models.CheckConstraint(condition=Q(seats__gte=1), name="session_has_seats"),
        ]
        indexes = [models.Index(fields=["authority", "starts_at"], name="session_start")]

    @property
    def where(self) -> str:
        if self.site is None:
            return self.place
        return ", ".join(part for part in (self.site.name, self.site.postal_address) if part)

    @property
    def is_open(self) -> bool:
        """One may still register."""
        return not self.is_cancelled and self.starts_at > timezone.now()


class RegistrationState(models.TextChoices):
    REGISTERED = "registered", _("inscrit")
    WAITING = "waiting", _("en liste d’attente")
    OFFERED = "offered", _("place proposée")
    CANCELLED = "cancelled", _("annulé")
    LAPSED = "lapsed", _("proposition passée")


#: Those who take a seat; an offered one is kept for its person until `offered_until`.
SEATED = (RegistrationState.REGISTERED, RegistrationState.OFFERED)
ALIVE = (*SEATED, RegistrationState.WAITING)


class Registration(models.Model):
    """Somebody who comes or waits. Those who wait are served in the order of their numbers."""

    ref = models.CharField(max_length=32, unique=True, default=new_ref, editable=False)
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    session = models.ForeignKey(Session, models.CASCADE, related_name="registrations")
    person = models.ForeignKey(
        Person, models.SET_NULL, null=True, blank=True, related_name="workshop_registrations"
    )
    state = models.CharField(max_length=10, choices=RegistrationState.choices)
    offered_until = models.DateTimeField(null=True, blank=True)
    needs = models.CharField(_("besoin particulier"), max_length=500, blank=True)
    attended = models.BooleanField(_("présent"), null=True, blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("inscription")
        ordering = ("pk",)
        indexes = [
            models.Index(fields=["session", "state"], name="registration_session_state"),
            models.Index(
                fields=["offered_until"], condition=Q(state="offered"), name="registration_offer"
            ),
        ]

    @property
    def can_cancel(self) -> bool:
        return self.state in ALIVE and self.session.is_open
