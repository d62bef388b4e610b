"""What the accessibility statement says: facts that the test suite checks, and nothing more.

The browser tests read RENDERINGS from here, so that the statement cannot promise a rendering
that is not tried; `audited_on` stays empty until a person has done an RGAA audit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Rendering:
    """A way of showing a page in which every page is checked; sizes in CSS pixels."""

    name: str
    label: str | Promise
    width: int
    height: int
    dark: bool = False


RENDERINGS = (
    Rendering("light", _("couleurs claires, écran d’ordinateur"), 1280, 800),
    Rendering("dark", _("couleurs sombres, écran d’ordinateur"), 1280, 800, dark=True),
    Rendering("phone", _("téléphone de 320 pixels de large"), 320, 640),
    Rendering("zoomed", _("écran d’ordinateur agrandi à 200 %"), 640, 400),
)

#: What the suite does to pages, in the statement's words.
CHECKS = (
    _("chaque page est analysée par axe-core, sans aucune anomalie admise"),
    _("aucune page ne défile de côté"),
    _("chaque démarche se fait au clavier seul et sans JavaScript"),
    _("l’ordre lu par une synthèse vocale est vérifié dans l’arbre d’accessibilité du navigateur"),
    _("tous les textes ont un contraste d’au moins 4,5 pour 1"),
)

KNOWN_GAPS = (
    _("aucune personne handicapée n’a encore été invitée à essayer le service"),
    _("les critères du RGAA qui demandent un jugement humain n’ont pas été vérifiés"),
    _("le plan se lit par sa liste ; le dessin lui-même n’est pas décrit rue par rue"),
)


@dataclass(frozen=True)
class Audit:
    """An audit done by people: the day, the share of criteria that are met, who did it."""

    day: date
    share: int
    auditor: str


AUDIT: Audit | None = None
