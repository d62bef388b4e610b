"""Reasons, agents, openings, absences, appointments, and the claims that decide.

Words of RDV Service Public: motif, agent, plage d’ouverture, absence, rendez-vous. A slot is
computed, never stored.
"""

from __future__ import annotations

import datetime as dt
import secrets

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from beffroi.base.access.references import new_ref
from beffroi.base.authorities.models import Authority, Service, Site
from beffroi.base.people.models import Person

from .engine.grid import CELL_MINUTES


def new_stamp() -> int:
    """A number that has never been used: it tells a changed calendar from a known one.

    Random rather than counted, so that a rolled-back transaction cannot give the same number to
    another state. Forty bits: the database can add up those of many agents.
    """
    return secrets.randbits(40)


def on_the_grid(value: int | dt.time) -> None:
    minute = value if isinstance(value, int) else value.minute
    if minute % CELL_MINUTES and value != dt.time(23, 59):
        raise ValidationError(_("Choisissez un multiple de 5 minutes."))


class Channel(models.TextChoices):
    OFFICE = "office", _("Sur place")
    PHONE = "phone", _("Par téléphone")
    HOME = "home", _("À domicile")
    VIDEO = "video", _("En visio")


class BookableBy(models.TextChoices):
    EVERYONE = "everyone", _("Tout le monde")
    AGENTS = "agents", _("Agents seulement")


class Reason(models.Model):
    """Why one comes: what it is called, how long it takes, what to bring."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="appointment_reasons")
    service = models.ForeignKey(Service, models.PROTECT, related_name="appointment_reasons")
    label = models.CharField(_("motif"), max_length=120)
    summary = models.CharField(_("en une phrase"), max_length=200, blank=True)
    duration = models.PositiveSmallIntegerField(
        _("durée en minutes"),
        validators=[MinValueValidator(5), MaxValueValidator(480), on_the_grid],
    )
    channel = models.CharField(
        _("comment"), max_length=10, choices=Channel.choices, default=Channel.OFFICE
    )
    bookable_by = models.CharField(
        _("réservable par"), max_length=10, choices=BookableBy.choices, default=BookableBy.EVERYONE
    )
    documents = models.JSONField(_("pièces à apporter"), default=list, blank=True)
    instructions = models.TextField(_("consignes"), blank=True, max_length=1000)
    min_notice = models.PositiveIntegerField(
        _("délai minimal en minutes"), default=30, validators=[MaxValueValidator(60 * 24 * 60)]
    )
    max_notice = models.PositiveSmallIntegerField(
        _("délai maximal en jours"),
        default=90,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
    )
    is_active = models.BooleanField(_("proposé au public"), default=True)
    external_id = models.CharField(max_length=80, blank=True, editable=False)

    class Meta:
        verbose_name = _("motif")
        ordering = ("service__name", "label")
        constraints = [
            models.UniqueConstraint(fields=["service", "label"], name="one_reason_label_a_service"),
            models.UniqueConstraint(
                fields=["authority", "external_id"],
                condition=~Q(external_id=""),
                name="one_reason_an_external_id",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def cells(self) -> int:
        return -(-self.duration // CELL_MINUTES)


class Agent(models.Model):
    """Someone who receives people. Needs no account: an agenda may be imported or kept by others."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="reception_agents")
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="reception_agents"
    )
    site = models.ForeignKey(Site, models.SET_NULL, null=True, blank=True, related_name="+")
    person = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField(_("nom affiché"), max_length=150)
    is_active = models.BooleanField(_("reçoit"), default=True)
    calendar_stamp = models.BigIntegerField(default=new_stamp, editable=False)
    rules_stamp = models.BigIntegerField(default=new_stamp, editable=False)
    external_id = models.CharField(max_length=80, blank=True, editable=False)

    class Meta:
        verbose_name = _("agent d’accueil")
        ordering = ("name", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "external_id"],
                condition=~Q(external_id=""),
                name="one_agent_an_external_id",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Weekday(models.IntegerChoices):
    MONDAY = 1, _("lundi")
    TUESDAY = 2, _("mardi")
    WEDNESDAY = 3, _("mercredi")
    THURSDAY = 4, _("jeudi")
    FRIDAY = 5, _("vendredi")
    SATURDAY = 6, _("samedi")
    SUNDAY = 7, _("dimanche")


class Opening(models.Model):
    """Hours in which an agent receives at a site, every week or every few weeks.

    Times are on the local clock. The columns are the parts of an RFC 5545 rule (`rule`) that the
    trade uses; `excluded_days` are its EXDATE, as ISO dates.
    """

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    agent = models.ForeignKey(
        Agent, models.CASCADE, related_name="openings", verbose_name=_("agent")
    )
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("lieu"))
    weekday = models.PositiveSmallIntegerField(_("jour"), choices=Weekday.choices)
    starts = models.TimeField(_("de"), validators=[on_the_grid])
    ends = models.TimeField(_("à"), validators=[on_the_grid])
    first_day = models.DateField(_("à partir du"))
    last_day = models.DateField(_("jusqu’au"), null=True, blank=True)
    every_weeks = models.PositiveSmallIntegerField(
        _("toutes les … semaines"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(52)],
    )
    excluded_days = models.JSONField(_("sauf les"), default=list, blank=True)
    reasons = models.ManyToManyField(Reason, related_name="openings", verbose_name=_("motifs"))
    external_id = models.CharField(max_length=80, blank=True, editable=False)

    class Meta:
        verbose_name = _("permanence")
        ordering = ("weekday", "starts", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="opening_has_a_length"),
            models.CheckConstraint(
                condition=Q(last_day__isnull=True) | Q(last_day__gte=F("first_day")),
                name="opening_dates",
            ),
            models.UniqueConstraint(
                fields=["authority", "external_id"],
                condition=~Q(external_id=""),
                name="one_opening_an_external_id",
            ),
        ]

    @property
    def rule(self) -> str:
        """The recurrence as RFC 5545 writes it."""
        day = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[self.weekday - 1]
        interval = f";INTERVAL={self.every_weeks}" if self.every_weeks > 1 else ""
        until = f";UNTIL={self.last_day:%Y%m%d}" if self.last_day else ""
        return f"FREQ=WEEKLY{interval};WKST=MO;BYDAY={day}{until}"


class Absence(models.Model):
    """A time in which an agent receives nobody, whatever the openings say."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    agent = models.ForeignKey(
        Agent, models.CASCADE, related_name="absences", verbose_name=_("agent")
    )
    starts_at = models.DateTimeField(_("du"))
    ends_at = models.DateTimeField(_("au"))
    label = models.CharField(_("intitulé"), max_length=100, blank=True)
    external_id = models.CharField(max_length=80, blank=True, editable=False)

    class Meta:
        verbose_name = _("absence")
        ordering = ("starts_at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="absence_has_a_length"
            ),
            models.UniqueConstraint(
                fields=["authority", "external_id"],
                condition=~Q(external_id=""),
                name="one_absence_an_external_id",
            ),
        ]
        indexes = [models.Index(fields=["agent", "ends_at"], name="absence_agent_end")]


class Status(models.TextChoices):
    HELD = "held", _("réservation provisoire")
    CONFIRMED = "confirmed", _("confirmé")
    CANCELLED = "cancelled", _("annulé")
    EXPIRED = "expired", _("réservation provisoire échue")
    HONOURED = "honoured", _("honoré")
    NO_SHOW = "no_show", _("non honoré")


class Origin(models.TextChoices):
    WEB = "web", _("en ligne")
    COUNTER = "counter", _("au guichet")
    PHONE = "phone", _("par téléphone")
    API = "api", _("par un autre service")
    IMPORT = "import", _("importé")


class Appointment(models.Model):
    """A slot that somebody holds or has booked. `answers` is what the resident already gave:
    {"documents": [labels he says he has], "note": text}."""

    ref = models.CharField(max_length=32, unique=True, default=new_ref, editable=False)
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="appointments")
    reason = models.ForeignKey(Reason, models.PROTECT, related_name="appointments")
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="appointments")
    site = models.ForeignKey(Site, models.PROTECT, related_name="appointments")
    starts_at = models.DateTimeField(_("début"))
    ends_at = models.DateTimeField(_("fin"))
    person = models.ForeignKey(
        Person, models.SET_NULL, null=True, blank=True, related_name="appointments"
    )
    status = models.CharField(_("état"), max_length=10, choices=Status.choices, default=Status.HELD)
    origin = models.CharField(_("pris"), max_length=10, choices=Origin.choices, default=Origin.WEB)
    answers = models.JSONField(default=dict, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)
    extended = models.BooleanField(default=False)
    request_key = models.CharField(max_length=100, null=True, blank=True, editable=False)  # noqa: DJ001 - NULL is outside the unique constraint
    version = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(auto_now=True)
    external_id = models.CharField(max_length=80, blank=True, editable=False)

    class Meta:
        verbose_name = _("rendez-vous")
        ordering = ("starts_at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="appointment_has_a_length"
            ),
            models.UniqueConstraint(
                fields=["authority", "request_key"], name="one_appointment_a_request_key"
            ),
            models.UniqueConstraint(
                fields=["authority", "external_id"],
                condition=~Q(external_id=""),
                name="one_appointment_an_external_id",
            ),
        ]
        indexes = [
            models.Index(fields=["agent", "starts_at"], name="appointment_agent_start"),
            models.Index(fields=["authority", "starts_at"], name="appointment_authority_start"),
            models.Index(
                fields=["held_until"], condition=Q(status="held"), name="appointment_held"
            ),
        ]

    @property
    def is_live(self) -> bool:
        """Still takes its slot: booked, or held and not yet expired."""
        if self.status == Status.HELD:
            return self.held_until is not None and self.held_until > timezone.now()
        return self.status in TAKING

    @property
    def can_change(self) -> bool:
        return self.status == Status.CONFIRMED and self.starts_at > timezone.now()


#: A no-show keeps its time: it has gone by. Held ones take theirs until `held_until`.
TAKING = (Status.CONFIRMED, Status.HONOURED, Status.NO_SHOW)


class ResourceKind(models.TextChoices):
    AGENT = "agent", _("agent")
    SESSION = "session", _("séance")


class Claim(models.Model):
    """Five minutes of one seat of one resource, taken by `holder_id`. The unique constraint decides
    every race, on SQLite and PostgreSQL alike.

    `cell` counts 5-minute steps since 1970-01-01 UTC. A claim with `expires_at` in the past is
    void: whoever wants the place removes it.
    """

    resource_kind = models.CharField(max_length=10, choices=ResourceKind.choices)
    resource_id = models.PositiveBigIntegerField()
    cell = models.PositiveIntegerField()
    seat = models.PositiveSmallIntegerField(default=0)
    holder_id = models.PositiveBigIntegerField()
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["resource_kind", "resource_id", "cell", "seat"], name="one_claim_a_seat"
            )
        ]
        indexes = [
            models.Index(fields=["resource_kind", "holder_id"], name="claim_holder"),
            models.Index(
                fields=["expires_at"], condition=Q(expires_at__isnull=False), name="claim_expiry"
            ),
        ]
