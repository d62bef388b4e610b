"""The authorities of France as a dated graph: they are no tree.

A syndicat overlaps intercommunalités and a département nests none of them; so membership
and competence are edges with dates, and data belongs to the holder of the competence.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from beffroi.base.design.contrast import readable


class Domain(models.TextChoices):
    WATER = "water", _("Eau")
    ENERGY = "energy", _("Énergie")
    LIGHTING = "lighting", _("Éclairage")
    WASTE = "waste", _("Déchets")
    FIRE = "fire", _("Incendie")
    ROADS = "roads", _("Voirie")
    RECEPTION = "reception", _("Accueil")
    INCLUSION = "inclusion", _("Inclusion numérique")
    INFORMATION = "information", _("Information")
    GENERAL = "general", _("Général")


class Kind(models.TextChoices):
    COMMUNE = "commune", _("Commune")
    INTERCOMMUNALITE = "intercommunalite", _("Intercommunalité")
    SYNDICAT = "syndicat", _("Syndicat")
    DEPARTEMENT = "departement", _("Département")


def _readable(colour: str, *, dark: bool) -> bool:
    try:
        return readable(colour, dark=dark)
    except ValueError:
        return False


def refuse_unreadable(colour: str) -> None:
    """A brand colour carries text and buttons: under 4.5:1 on the page it is refused."""
    if colour and not _readable(colour, dark=False):
        raise ValidationError(
            _("Cette couleur n’est pas assez contrastée sur fond clair (il faut 4,5 pour 1).")
        )


def refuse_unreadable_on_dark(colour: str) -> None:
    if colour and not _readable(colour, dark=True):
        raise ValidationError(
            _("Cette couleur n’est pas assez contrastée sur fond sombre (il faut 4,5 pour 1).")
        )


class Authority(models.Model):
    kind = models.CharField(_("nature"), max_length=20, choices=Kind.choices)
    name = models.CharField(_("nom"), max_length=120)
    slug = models.SlugField(_("identifiant"), max_length=60, unique=True)
    siren = models.CharField(_("SIREN"), max_length=9, blank=True)
    insee = models.CharField(_("code INSEE"), max_length=5, blank=True)
    host = models.CharField(_("nom d’hôte"), max_length=200, blank=True)
    time_zone = models.CharField(_("fuseau horaire"), max_length=40, default="Europe/Paris")
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)
    email = models.EmailField(_("courriel"), blank=True)
    postal_address = models.CharField(_("adresse"), max_length=250, blank=True)
    hours = models.TextField(_("horaires d’ouverture"), blank=True)
    primary_colour = models.CharField(
        _("couleur principale"), max_length=7, blank=True, validators=[refuse_unreadable]
    )
    primary_colour_dark = models.CharField(
        _("couleur principale sur fond sombre"),
        max_length=7,
        blank=True,
        validators=[refuse_unreadable_on_dark],
    )
    crest = models.CharField(_("emblème"), max_length=60, blank=True)
    is_default = models.BooleanField(_("collectivité par défaut"), default=False)

    class Meta:
        verbose_name = _("collectivité")
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_default_authority"
            ),
            models.UniqueConstraint(
                fields=["host"], condition=~Q(host=""), name="one_authority_per_host"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Dated(models.Model):
    """An edge of the graph, true from `since` (included) to `until` (excluded)."""

    since = models.DateField(_("depuis"))
    until = models.DateField(_("jusqu’au"), null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")),
                name="%(app_label)s_%(class)s_dates",
            )
        ]


class Membership(Dated):
    member = models.ForeignKey(Authority, models.PROTECT, related_name="memberships")
    group = models.ForeignKey(Authority, models.PROTECT, related_name="members")

    class Meta(Dated.Meta):
        verbose_name = _("appartenance")
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(
                fields=["member", "group", "since"], name="one_membership_a_date"
            ),
        ]


class Competence(Dated):
    """Who holds a domain on a territory: water of Vernay is held by the syndicat."""

    domain = models.CharField(max_length=20, choices=Domain.choices)
    territory = models.ForeignKey(Authority, models.PROTECT, related_name="competences")
    holder = models.ForeignKey(Authority, models.PROTECT, related_name="held_competences")

    class Meta(Dated.Meta):
        verbose_name = _("compétence")
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(
                fields=["domain", "territory", "since"], name="one_holder_a_domain_and_date"
            ),
        ]


class ShareLevel(models.TextChoices):
    SEE = "see", _("voir")
    ACT = "act", _("voir et agir")


class Share(Dated):
    """What a holder lets another authority see, or act upon, in one domain."""

    holder = models.ForeignKey(Authority, models.PROTECT, related_name="shares_given")
    viewer = models.ForeignKey(Authority, models.PROTECT, related_name="shares_received")
    domain = models.CharField(max_length=20, choices=Domain.choices)
    level = models.CharField(max_length=3, choices=ShareLevel.choices, default=ShareLevel.SEE)

    class Meta(Dated.Meta):
        verbose_name = _("partage")
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(
                fields=["holder", "viewer", "domain", "since"], name="one_share_a_domain_and_date"
            ),
        ]


class Service(models.Model):
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="services")
    name = models.CharField(_("nom"), max_length=120)
    slug = models.SlugField(max_length=60)
    domain = models.CharField(
        _("domaine"), max_length=20, choices=Domain.choices, default=Domain.GENERAL
    )

    class Meta:
        verbose_name = _("service")
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "slug"], name="one_service_slug_an_authority"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Street(models.Model):
    """A named way with its line, GeoJSON LineString of [longitude, latitude] in WGS 84."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="streets")
    name = models.CharField(_("nom"), max_length=150)
    slug = models.SlugField(max_length=160)
    search_name = models.CharField(max_length=160, db_index=True, editable=False)
    geometry = models.JSONField(_("tracé"), null=True, blank=True)

    class Meta:
        verbose_name = _("rue")
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "slug"], name="one_street_slug_an_authority"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        from .street_names import searchable

        self.search_name = searchable(self.name)
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class Address(models.Model):
    street = models.ForeignKey(Street, models.CASCADE, related_name="addresses")
    number = models.PositiveIntegerField(_("numéro"))
    suffix = models.CharField(_("indice"), max_length=10, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    ban_id = models.CharField(_("identifiant BAN"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("adresse")
        ordering = ("number", "suffix")
        constraints = [
            models.UniqueConstraint(
                fields=["street", "number", "suffix"], name="one_address_a_number"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number}{f' {self.suffix}' if self.suffix else ''}, {self.street.name}"


class Site(models.Model):
    """A place where people are received."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="sites")
    name = models.CharField(_("nom"), max_length=120)
    postal_address = models.CharField(_("adresse"), max_length=250, blank=True)
    street = models.ForeignKey(Street, models.SET_NULL, null=True, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)
    hours = models.TextField(_("horaires"), blank=True)

    class Meta:
        verbose_name = _("lieu")
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(fields=["authority", "name"], name="one_site_name_an_authority")
        ]

    def __str__(self) -> str:
        return self.name
