"""Rules said in words, as an agent would say them."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from beffroi.base.design.words import say_quantity
from beffroi.sustainable.territory.objects.public import said_duration, spoken_unit

from .models import Rule


def said_condition(rule: Rule) -> str:
    """« au-dessus de 14 m³/h, pendant 2 h, entre 02:00 et 05:00 »."""
    said = [
        _("%(direction)s de %(level)s")
        % {"direction": rule.get_direction_display(), "level": _level(rule, rule.on_level)}
    ]
    if rule.for_seconds:
        said.append(_during(rule.for_seconds))
    if rule.window_start and rule.window_end:
        hours = {"start": f"{rule.window_start:%H:%M}", "end": f"{rule.window_end:%H:%M}"}
        said.append(_("entre %(start)s et %(end)s") % hours)
    return ", ".join(said)


def said_return(rule: Rule) -> str:
    """« sous 9 m³/h, pendant 2 h »: what ends an insight of this rule."""
    side = _("sous %(level)s") if rule.direction == "above" else _("au-dessus de %(level)s")
    said = [side % {"level": _level(rule, rule.off_level)}]
    if rule.clear_for_seconds:
        said.append(_during(rule.clear_for_seconds))
    return ", ".join(said)


def _level(rule: Rule, level: float) -> str:
    stream = rule.datastreams.first()
    unit = spoken_unit(stream.unit) if stream else ""
    return say_quantity(level, unit, get_language() or "fr")


def _during(seconds: int) -> str:
    return _("pendant %(duration)s") % {"duration": said_duration(seconds)}
