from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from beffroi.base.authorities.models import Authority, Street

from .models import Datastream, ObservedProperty, Thing


class ThingForm(forms.ModelForm):
    street = forms.ModelChoiceField(Street.objects.none(), required=False, label=_("Rue"))

    class Meta:
        model = Thing
        fields = ("name", "domain", "device_id", "street", "latitude", "longitude")

    def __init__(self, *args: Any, authority: Authority, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A syndicat's meter stands in a street of a commune.
        territories = [
            authority.pk,
            *authority.held_competences.values_list("territory_id", flat=True),
        ]
        self.fields["street"].queryset = Street.objects.filter(authority__in=territories)  # type: ignore[attr-defined]

    def clean_device_id(self) -> str | None:
        return self.cleaned_data["device_id"] or None


class DatastreamForm(forms.ModelForm):
    observed_property = forms.ModelChoiceField(ObservedProperty.objects.all(), label=_("Grandeur"))

    class Meta:
        model = Datastream
        fields = ("key", "observed_property", "unit", "step", "public")
        help_texts = {
            "key": _("Le nom de la valeur dans les messages de l’appareil."),
            "unit": _("Code UCUM ; vide : celui de la grandeur."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].required = False
