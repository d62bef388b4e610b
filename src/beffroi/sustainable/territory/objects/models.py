"""Things of the territory and what they measure, in the words of OGC SensorThings 1.1."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from beffroi.base.authorities.models import Authority, Domain, Street

# No slash, plus or hash: the identifier is a level of an MQTT topic.
DEVICE_ID = RegexValidator(
    r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$",
    _("Lettres sans accent, chiffres, point, tiret, deux-points et souligné seulement."),
)
STREAM_KEY = RegexValidator(
    r"^[A-Za-z][A-Za-z0-9_.-]{0,39}$",
    _("Lettres sans accent, chiffres, point, tiret et souligné seulement."),
)


class ThingState(models.TextChoices):
    STOCK = "stock", _("En réserve")
    INSTALLED = "installed", _("En place")
    FAULTY = "faulty", _("En panne")
    RETIRED = "retired", _("Retiré")


class Thing(models.Model):
    """An object of the territory: a meter, a container, a lamp, a building, with or without a device."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="things")
    domain = models.CharField(_("domaine"), max_length=20, choices=Domain.choices)
    name = models.CharField(_("nom"), max_length=120)
    device_id = models.CharField(
        _("identifiant de l’appareil"),
        max_length=64,
        unique=True,
        null=True,
        blank=True,
        validators=[DEVICE_ID],
        help_text=_("Nom d’utilisateur MQTT et niveau du sujet v1/…/readings."),
    )
    street = models.ForeignKey(
        Street, models.SET_NULL, null=True, blank=True, verbose_name=_("rue")
    )
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    state = models.CharField(
        _("état"), max_length=10, choices=ThingState.choices, default=ThingState.INSTALLED
    )
    token_hash = models.CharField(max_length=64, blank=True, editable=False, db_index=True)

    class Meta:
        verbose_name = _("objet mesuré")
        ordering = ("name", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "name"], name="one_thing_name_an_authority"
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
                name="thing_position_on_earth",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ObservedProperty(models.Model):
    """What is measured, whatever measures it: a flow, a level, a temperature."""

    name = models.SlugField(_("code"), max_length=60, unique=True)
    label = models.CharField(_("grandeur"), max_length=80)
    unit = models.CharField(
        _("unité"), max_length=30, help_text=_("Code UCUM, par exemple m3/h ou Cel.")
    )

    class Meta:
        verbose_name = _("grandeur")
        ordering = ("label",)

    def __str__(self) -> str:
        return self.label


class Datastream(models.Model):
    """The readings of one property by one thing.

    `authority` and `domain` are those of the thing, repeated because rights are asked of every
    series. `number` is the key of its readings, kept when a town changes database.
    """

    authority = models.ForeignKey(
        Authority, models.PROTECT, related_name="datastreams", editable=False
    )
    domain = models.CharField(max_length=20, choices=Domain.choices, editable=False)
    thing = models.ForeignKey(Thing, models.PROTECT, related_name="datastreams")
    observed_property = models.ForeignKey(
        ObservedProperty, models.PROTECT, verbose_name=_("grandeur")
    )
    key = models.CharField(_("clé du message"), max_length=40, validators=[STREAM_KEY])
    number = models.PositiveIntegerField(unique=True, editable=False)
    unit = models.CharField(_("unité"), max_length=30)
    step = models.PositiveIntegerField(_("pas attendu (secondes)"), default=900)
    public = models.BooleanField(_("visible de tous"), default=False)
    latest_value = models.FloatField(null=True, editable=False)
    latest_time = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("série")
        ordering = ("thing__name", "key", "pk")
        constraints = [
            models.UniqueConstraint(fields=["thing", "key"], name="one_series_a_key"),
            models.CheckConstraint(condition=Q(step__gt=0), name="series_step_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.thing.name} · {self.observed_property.label}"


class Reason(models.TextChoices):
    """Why a reading was put aside."""

    CLOCK_AHEAD = "clock_ahead", _("Horloge en avance de plus d’un jour")
    CLOCK_BEHIND = "clock_behind", _("Date avant l’an 2000")
    BAD_TIME = "bad_time", _("Date illisible ou sans fuseau horaire")
    NOT_FINITE = "not_finite", _("Valeur infinie ou indéfinie")
    NOT_A_NUMBER = "not_a_number", _("Valeur qui n’est pas un nombre")
    UNKNOWN_KEY = "unknown_key", _("Aucune série de l’appareil ne porte cette clé")
    NOT_JSON = "not_json", _("Message illisible")
    RETIRED = "retired", _("Appareil retiré")


class QuarantinedReading(models.Model):
    """A reading that no series received, kept as it came so that an agent can see what is wrong."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="quarantined_readings")
    domain = models.CharField(max_length=20, choices=Domain.choices)
    thing = models.ForeignKey(Thing, models.CASCADE, related_name="quarantined_readings")
    key = models.CharField(max_length=40, blank=True)
    raw = models.CharField(max_length=200)
    reason = models.CharField(max_length=20, choices=Reason.choices)
    received_at = models.DateTimeField(db_index=True)
    message = models.BigIntegerField(help_text=_("Rang du message dans la boîte de réception."))
    rank = models.PositiveIntegerField(help_text=_("Rang dans le message."))

    class Meta:
        verbose_name = _("mesure mise de côté")
        ordering = ("-received_at", "-pk")
        constraints = [
            # The replay of a message after a crash must not put the same reading aside twice.
            models.UniqueConstraint(fields=["message", "rank"], name="one_quarantine_a_reading"),
        ]
