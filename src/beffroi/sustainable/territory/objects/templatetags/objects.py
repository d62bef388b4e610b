"""`{% load objects %}`: readings and durations as words."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from beffroi.base.design.words import say_quantity

from ..models import Datastream
from ..units import readable, said_duration, spoken_unit

register = template.Library()


@register.simple_tag
def latest(stream: Datastream) -> str:
    """« 17,4 m³/h », or that nothing has come yet."""
    return say_latest(stream)


def say_latest(stream: Datastream) -> str:
    if stream.latest_value is None:
        return _("aucune mesure reçue")
    return amount(stream.latest_value, stream.unit)


@register.simple_tag
def amount(value: float | None, unit: str) -> str:
    """A value with the digits that matter and the unit as people write it."""
    return say_quantity(
        None if value is None else readable(value), spoken_unit(unit), get_language() or "fr"
    )


@register.simple_tag
def duration(seconds: int) -> str:
    """« 2 h 30 », « 5 min »."""
    return said_duration(seconds)
