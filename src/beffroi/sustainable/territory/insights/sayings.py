"""Rules said in words, as an agent would say them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from beffroi.base.design.words import say_quantity
from beffroi.sustainable.territory.objects.public import said_duration, spoken_unit

from .models import Rule


def said_condition(rule: Rule) -> str:
    """« au-dessus de 14 m³/h pendant 2 h, entre 2 h et 5 h »."""
    stream = rule.datastreams.first()
    said = _("%(direction)s de %(level)s") % {
        "direction": rule.get_direction_display(),
        "level": say_quantity(rule.on_level, spoken_unit(stream.unit) if stream else ""),
    }
    if rule.for_seconds:
        said += _(" pendant %(duration)s") % {"duration": said_duration(rule.for_seconds)}
    if rule.window_start and rule.window_end:
        said += _(", entre %(start)s et %(end)s") % {
            "start": f"{rule.window_start:%H:%M}",
            "end": f"{rule.window_end:%H:%M}",
        }
    return said


def said_return(rule: Rule) -> str:
    """« sous 9 m³/h pendant 2 h »: what ends an insight of this rule."""
    stream = rule.datastreams.first()
    level = say_quantity(rule.off_level, spoken_unit(stream.unit) if stream else "")
    side = _("sous %(level)s") if rule.direction == "above" else _("au-dessus de %(level)s")
    said = side % {"level": level}
    if rule.clear_for_seconds:
        said += _(" pendant %(duration)s") % {"duration": said_duration(rule.clear_for_seconds)}
    return said
