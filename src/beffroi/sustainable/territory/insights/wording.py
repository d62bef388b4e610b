"""Sentences with blanks, written by an agent and filled by the rule. No expression is ever evaluated."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

BLANKS = {
    "quand": _("« la nuit du 16 janvier » ou « mardi 16 janvier à 4 h »"),
    "valeur": _("la plus forte mesure, avec son unité"),
    "écart": _("de combien ce qui a été tenu s’écarte de l’habitude, avec son unité"),
    "habitude": _("la valeur habituelle, avec son unité"),
    "seuil": _("le seuil de la règle, avec son unité"),
    "objet": _("le nom de l’objet"),
    "rue": _("la rue de l’objet"),
}
_BLANK = re.compile(r"\{([^{}]*)\}")


def check_template(text: str) -> None:
    """Raises ValidationError for a blank that does not exist."""
    unknown = [name for name in _BLANK.findall(text) if name not in BLANKS]
    if unknown:
        raise ValidationError(
            _("Le blanc {%(name)s} n’existe pas. Blancs possibles : %(known)s."),
            params={"name": unknown[0], "known": ", ".join(BLANKS)},
        )


def fill(text: str, blanks: Mapping[str, str]) -> str:
    """The sentence with its blanks filled, its first letter a capital."""
    filled = _BLANK.sub(lambda found: blanks.get(found[1], ""), text).strip()
    return filled[:1].upper() + filled[1:]
