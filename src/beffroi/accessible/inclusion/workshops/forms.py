"""What participants, partners and agents fill in."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from beffroi.base.access.public import Actor
from beffroi.base.authorities.models import Site

from .actions import Participant
from .models import Session, Workshop

_PHONE = re.compile(r"\+?\d{6,15}")
LONGEST = dt.timedelta(hours=12)


class ParticipantForm(forms.Form):
    """Who comes, and how to reach him."""

    given_name = forms.CharField(
        label=_("Prénom"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    family_name = forms.CharField(
        label=_("Nom"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    email = forms.EmailField(
        label=_("Courriel"),
        required=False,
        help_text=_("Pour recevoir la confirmation. Exemple : nom@exemple.fr"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = forms.CharField(
        label=_("Téléphone"),
        max_length=30,
        required=False,
        help_text=_("Un courriel ou un téléphone suffit. Exemple : 06 12 34 56 78"),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "type": "tel"}),
    )
    needs = forms.CharField(
        label=_("Un besoin particulier ?"),
        max_length=500,
        required=False,
        help_text=_("Fauteuil, boucle magnétique, prêt d’un ordinateur… L’animateur s’y prépare."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"].strip()
        if phone and not _PHONE.fullmatch(re.sub(r"[\s.()/\-\u00a0\u202f]", "", phone)):
            raise forms.ValidationError(
                _("Ce numéro ne se lit pas. Écrivez les chiffres, par exemple 06 12 34 56 78.")
            )
        return phone

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        reachable = cleaned.get("email") or cleaned.get("phone")
        if not reachable and not {"email", "phone"} & set(self.errors):
            self.add_error(
                "email",
                _("Indiquez un courriel ou un téléphone, pour vous prévenir d’un changement."),
            )
        return cleaned

    @property
    def participant(self) -> Participant:
        return Participant(**self.cleaned_data)


class WorkshopForm(forms.ModelForm):
    class Meta:
        model = Workshop
        fields = ("title", "summary", "description", "level", "to_bring")
        widgets = {"description": forms.Textarea(attrs={"rows": 5})}


class LocalDateTimeInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(attrs={"step": 300}, format="%Y-%m-%dT%H:%M")


class SessionForm(forms.ModelForm):
    class Meta:
        model = Session
        fields = ("starts_at", "ends_at", "site", "place", "seats")
        widgets = {"starts_at": LocalDateTimeInput(), "ends_at": LocalDateTimeInput()}

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        site = self.fields["site"]
        assert isinstance(site, forms.ModelChoiceField)  # noqa: S101 - narrows the type
        site.queryset = Site.objects.filter(authority=actor.authority)
        self.fields["place"].help_text = _("Si ce n’est pas un lieu de la liste.")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        starts, ends = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts and starts.year > timezone.now().year + 5:
            self.add_error("starts_at", _("Cette date est trop loin : cinq ans au plus."))
        if starts and starts.minute % 5:
            self.add_error("starts_at", _("Choisissez un multiple de 5 minutes."))
        if starts and not self.instance.pk and starts <= timezone.now():
            self.add_error("starts_at", _("Cette date est passée."))
        if starts and ends and ends <= starts:
            self.add_error("ends_at", _("La fin est avant le début."))
        elif starts and ends and ends - starts > LONGEST:
            self.add_error("ends_at", _("Une séance dure douze heures au plus."))
        if not cleaned.get("site") and not cleaned.get("place"):
            self.add_error("site", _("Dites où : un lieu de la liste, ou une adresse."))
        return cleaned


class DecisionForm(forms.Form):
    why = forms.CharField(
        label=_("Si vous refusez, dites pourquoi"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
