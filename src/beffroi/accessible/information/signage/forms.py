from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from beffroi.base.authorities.models import Authority, Site

from .models import Orientation, Screen


class ScreenForm(forms.Form):
    name = forms.CharField(
        label=_("Nom de l’écran"), max_length=80, help_text=_("Par exemple : « Place du Puits ».")
    )
    site = forms.ModelChoiceField(
        label=_("Lieu"),
        queryset=Site.objects.none(),
        required=False,
        empty_label=_("aucun"),
        help_text=_("Ses horaires s’affichent sur l’écran."),
    )
    orientation = forms.ChoiceField(
        label=_("Orientation"), choices=Orientation.choices, initial=Orientation.AUTOMATIC
    )

    def __init__(self, *args: Any, authority: Authority, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["site"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared above
        field.queryset = Site.objects.filter(authority=authority)

    @classmethod
    def of(cls, screen: Screen, data: Any = None) -> ScreenForm:
        initial = {"name": screen.name, "site": screen.site_id, "orientation": screen.orientation}
        return cls(data, authority=screen.authority, initial=initial)


class PairingForm(ScreenForm):
    field_order = ["code", "name", "site", "orientation"]
    code = forms.CharField(
        label=_("Code affiché par l’écran"),
        max_length=12,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        help_text=_(
            "Six caractères. Ouvrez la page de l’écran sur l’appareil : le code y est en grand."
        ),
    )
