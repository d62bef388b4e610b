from __future__ import annotations

from django.db import models


class Edge(models.Model):
    """`effect` was caused by `cause`. No foreign key: rooms do not know each other's tables.

    `readings` is a copy of what mattered, so that the reason outlives the retention of the
    readings themselves: rows of [ISO time, value, unit, label].
    """

    effect_kind = models.CharField(max_length=80)
    effect_id = models.BigIntegerField()
    cause_kind = models.CharField(max_length=80)
    cause_id = models.BigIntegerField()
    cause_version = models.IntegerField(null=True, blank=True)
    readings = models.JSONField(default=list)
    note = models.CharField(max_length=250, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["effect_kind", "effect_id", "cause_kind", "cause_id", "cause_version"],
                name="one_edge_a_cause",
            )
        ]
        indexes = [
            models.Index(fields=["effect_kind", "effect_id"], name="provenance_effect"),
            models.Index(fields=["cause_kind", "cause_id"], name="provenance_cause"),
        ]
