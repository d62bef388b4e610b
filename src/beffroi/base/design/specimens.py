"""What the /design page shows: each component on texts as long as a real town's."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.paginator import Paginator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from beffroi.base.design.charts import Band, Chart, Event, Series, Threshold
from beffroi.base.design.maps import Layer, Line, Map, Mark, Street

ZONE = ZoneInfo("Europe/Paris")
NIGHT = datetime(2026, 11, 22, 23, tzinfo=UTC)

TOKENS = (
    ("paper", _("papier")),
    ("field", _("champ")),
    ("sunk", _("creux")),
    ("ink", _("encre")),
    ("muted", _("encre pâle")),
    ("hairline", _("filet")),
    ("edge", _("bord")),
    ("primary", _("couleur de la collectivité")),
    ("information", _("information")),
    ("attention", _("à prévoir")),
    ("severe", _("important")),
    ("extreme", _("danger")),
    ("success", _("fait")),
    ("brass", _("laiton : maintenant")),
)

SPRITE = Path(__file__).parent / "static" / "design" / "icons.svg"
ICONS = [
    name for name in re.findall(r'<symbol id="([a-z-]+)"', SPRITE.read_text()) if name != "horizon"
]


class SampleForm(forms.Form):
    """One control of each kind."""

    name = forms.CharField(label=_("Nom et prénom"), max_length=80)
    email = forms.EmailField(
        label=_("Adresse électronique"),
        help_text=_("Pour recevoir la confirmation. Exemple : nom@exemple.fr"),
        required=False,
    )
    day = forms.DateField(label=_("Jour souhaité"), widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.ChoiceField(
        label=_("Motif"),
        choices=[("", _("Choisissez")), ("id", _("Carte d’identité")), ("pass", _("Passeport"))],
    )
    channel = forms.ChoiceField(
        label=_("Comment préférez-vous être prévenu ?"),
        choices=[("mail", _("Par courriel")), ("call", _("Par téléphone"))],
        widget=forms.RadioSelect,
    )
    needs = forms.MultipleChoiceField(
        label=_("Vos besoins sur place"),
        choices=[("step", _("Accès sans marche")), ("sign", _("Langue des signes"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    message = forms.CharField(
        label=_("Ce que nous devons savoir"),
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
    )
    agree = forms.BooleanField(label=_("J’ai vérifié que ces informations sont exactes"))


def _night_flow() -> Chart:
    times = [NIGHT + timedelta(minutes=10 * step) for step in range(60)]
    values = [
        5.5 + 0.9 * math.sin(step / 5) + (max(0, step - 40) * 0.62 if step < 58 else 11.9)
        for step in range(60)
    ]
    return Chart(
        title=str(_("La nuit dernière, 9 m³/h de plus que d’habitude dans le secteur Tanneurs")),
        unit="m³/h",
        series=[Series(str(_("Débit d’entrée")), times, values)],
        zone=ZONE,
        band=Band(str(_("habituel")), times, [4.2] * 60, [7.4] * 60),
        thresholds=[Threshold(14, str(_("seuil de la règle « fuite lente »")))],
        events=[Event(NIGHT + timedelta(minutes=410), str(_("début de la hausse")))],
    )


def _year() -> Chart:
    start = datetime(2025, 11, 24, tzinfo=UTC)
    times = [start + timedelta(hours=3 * step) for step in range(365 * 8)]
    heat = [
        max(0.0, 42 + 34 * math.cos((step / 8 - 45) / 365 * 2 * math.pi) + 6 * math.sin(step * 1.7))
        for step in range(len(times))
    ]
    light = [18 + 7 * math.cos((step / 8 - 25) / 365 * 2 * math.pi) for step in range(len(times))]
    return Chart(
        title=str(
            _("Le chauffage de l’école coûte trois fois l’éclairage en janvier, et rien en juillet")
        ),
        unit="kWh",
        series=[
            Series(str(_("Chauffage")), times, heat, colour=3),
            Series(str(_("Éclairage")), times, light, colour=2),
        ],
        zone=ZONE,
    )


def _map() -> Map:
    def at(x: float, y: float) -> tuple[float, float]:
        return -0.52 + x * 0.00025, 47.44 - y * 0.00017

    streets = [
        Street([at(0, 20), at(14, 16), at(30, 17), at(48, 12)], "quai Foch"),
        Street([at(8, 2), at(14, 16), at(18, 34), at(20, 44)], "rue des Tanneurs"),
        Street([at(18, 34), at(32, 31), at(46, 34)], "rue de l’Église"),
        Street([at(30, 17), at(32, 31), at(36, 45)], "avenue de la Gare"),
        Street([at(16, 26), at(24, 24)], "impasse du Moulin"),
        Street([at(32, 31), at(36, 26), at(42, 26)], "place du Puits"),
    ]
    return Map(
        title=str(_("Le secteur Tanneurs ce matin")),
        streets=streets,
        layers=[
            Layer(
                str(_("Annonces en cours")),
                "bell",
                lines=[
                    Line(
                        [at(14, 16), at(18, 34)],
                        str(_("Coupure d’eau rue des Tanneurs")),
                        detail=str(_("Du 2 au 38, retour prévu à 11 h 30")),
                        severity=3,
                        url="#cord",
                    )
                ],
            ),
            Layer(
                str(_("Compteurs d’eau")),
                "water",
                marks=[
                    Mark(
                        *at(16, 25),
                        str(_("Compteur Tanneurs")),
                        detail="17,4\u00a0m³/h",
                        severity=3,
                        url="#chart",
                    ),
                    Mark(
                        *at(40, 30), str(_("Compteur Église")), detail="6,1\u00a0m³/h", url="#chart"
                    ),
                ],
            ),
            Layer(
                str(_("Lampadaires en panne")),
                "lamp",
                marks=[
                    Mark(
                        *at(34, 15),
                        str(_("Lampe du 12, quai Foch")),
                        detail=str(_("éteinte depuis hier")),
                        severity=2,
                    ),
                ],
            ),
        ],
    )


def _cord() -> list[dict[str, Any]]:
    steps = (
        ("done", _("Mesures"), _("Débit Tanneurs, 2 h à 5 h, 14 nuits")),
        ("done", _("Règle « fuite lente », version 3"), _("seuil 14 m³/h pendant deux heures")),
        ("now", _("Constat à vérifier"), _("sûr à 91 %, en attente de vous")),
        ("next", _("Intervention"), _("Eau 2 est libre à 8 h, à 11 min de route")),
        ("next", _("Annonce à la rue"), _("téléphones, écrans, flux et répondeur")),
        ("next", _("Vérification"), _("close après trois nuits sous 9 m³/h")),
    )
    return [
        {
            "state": state,
            "title": title,
            "detail": detail,
            "url": "#cord" if state == "done" else "",
        }
        for state, title, detail in steps
    ]


def context() -> dict[str, Any]:
    """Everything the page draws. Nothing is read from the database."""
    bound = SampleForm(
        {"faux-email": "martin", "faux-day": "2026-11-31", "faux-reason": "id"}, prefix="faux"
    )
    bound.is_valid()
    today = timezone.localdate()
    return {
        "tokens": TOKENS,
        "icons": ICONS,
        "form": SampleForm(),
        "bound": bound,
        "steps": _cord(),
        "night": _night_flow(),
        "year": _year(),
        "plan": _map(),
        "nothing": Chart(title=str(_("Débit du secteur Moulin")), unit="m³/h", series=[]),
        "page": Paginator(range(200), 10).page(7),
        "soon": timezone.now() + timedelta(minutes=9, seconds=40),
        "moment": NIGHT + timedelta(hours=9, minutes=30),
        "later": NIGHT + timedelta(hours=11, minutes=30),
        "days": [today + timedelta(days=step) for step in range(5)],
        "today": today,
        "levels": [1, 2, 3, 4],
    }
