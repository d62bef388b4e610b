from __future__ import annotations

import hashlib
from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from beffroi.base.access.references import new_ref
from beffroi.base.authorities.models import Site

#: A screen looks every 30 s: three silences and it is said to be off line.
ONLINE_FOR = timedelta(seconds=100)


class Orientation(models.TextChoices):
    AUTOMATIC = "auto", _("selon l’écran")
    LANDSCAPE = "landscape", _("paysage (16:9)")
    PORTRAIT = "portrait", _("portrait (9:16)")


def digest_of(token: str) -> str:
    """SHA-256: the token has full entropy, so no slow hash is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


class Screen(models.Model):
    """One paired display of one authority; it sees what that authority shows to everybody."""

    ref = models.CharField(max_length=16, default=new_ref, unique=True, editable=False)
    authority = models.ForeignKey("authorities.Authority", models.PROTECT, related_name="screens")
    name = models.CharField(_("nom"), max_length=80)
    site = models.ForeignKey(
        Site, models.SET_NULL, null=True, blank=True, related_name="screens", verbose_name=_("lieu")
    )
    orientation = models.CharField(
        _("orientation"), max_length=10, choices=Orientation.choices, default=Orientation.AUTOMATIC
    )
    token_hash = models.CharField(max_length=64, unique=True, null=True, blank=True)
    paired_at = models.DateTimeField(auto_now_add=True)
    paired_by = models.UUIDField(null=True, blank=True)
    last_seen = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("écran")
        ordering = ("name", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "name"], name="one_screen_name_an_authority"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_online(self) -> bool:
        return self.last_seen is not None and timezone.now() - self.last_seen < ONLINE_FOR


class Pairing(models.Model):
    """A screen that shows its code and waits; `ref` is known to its browser only."""

    ref = models.CharField(max_length=16, default=new_ref, unique=True, editable=False)
    authority = models.ForeignKey("authorities.Authority", models.CASCADE, related_name="+")
    code = models.CharField(max_length=6, unique=True)
    address = models.CharField(max_length=45, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)
    screen = models.OneToOneField(
        Screen, models.CASCADE, null=True, blank=True, related_name="pairing"
    )

    class Meta:
        verbose_name = _("liaison d’écran")

    @property
    def topic(self) -> str:
        """Where the waiting page listens. Anyone may listen to all screens, so not the `ref`,
        which is exchanged for the screen's token."""
        return f"/screens/{digest_of(self.ref)[:16]}"


class WrongCode(models.Model):
    """A code that did not fit: too many of them, and the account has to wait."""

    authority = models.ForeignKey("authorities.Authority", models.CASCADE, related_name="+")
    person_key = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField(auto_now_add=True, db_index=True)
