from __future__ import annotations

import hashlib

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from beffroi.base.authorities.models import Authority, Service

from .roles import Role


class Grant(models.Model):
    """A role of an account in an authority, for one service or for all of them."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="grants")
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="grants")
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="grants"
    )
    role = models.CharField(_("rôle"), max_length=10, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("droits")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "authority", "service", "role"],
                name="one_grant_a_role_and_service",
            ),
            models.UniqueConstraint(
                fields=["account", "authority", "role"],
                condition=Q(service__isnull=True),
                name="one_grant_a_role_over_all_services",
            ),
        ]


class ApiKey(models.Model):
    """A key of another system. Only its hash is kept: the key has full entropy, so SHA-256 is enough."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="api_keys")
    name = models.CharField(_("nom"), max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    role = models.CharField(_("rôle"), max_length=10, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("clé d’API")


def digest_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
