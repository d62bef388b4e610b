from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from beffroi.base.authorities.models import Authority


class Duration(models.Model):
    """A duration that the authority's data protection officer chose in place of the default one."""

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=80)
    days = models.PositiveIntegerField(
        _("jours"), validators=[MinValueValidator(1), MaxValueValidator(36_500)]
    )

    class Meta:
        verbose_name = _("durée de conservation")
        constraints = [
            models.UniqueConstraint(fields=["authority", "kind"], name="one_duration_a_kind")
        ]
