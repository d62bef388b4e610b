"""What residents and agents fill in. Each refusal says what to do now."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from beffroi.base.access.public import Actor
from beffroi.base.authorities.models import Service, Site

from .actions import LONGEST_NOTE, Contact, Given
from .models import Agent, Appointment, Opening, Reason

_PHONE = re.compile(r"\+?\d{6,15}")


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(attrs={"step": 300}, format="%H:%M")


class ContactForm(forms.Form):
    """Who comes, how to reach him, what he has ready. Filled in beforehand with what is known."""

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
    documents = forms.MultipleChoiceField(
        label=_("Pièces que vous avez déjà"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Cochez ce que vous apporterez. L’agent prépare votre dossier."),
    )
    note = forms.CharField(
        label=_("Une précision pour l’agent"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, reason: Reason, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if reason.documents:
            field = self.fields["documents"]
            assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - narrows the type
            field.choices = [(document, document) for document in reason.documents]
        else:
            del self.fields["documents"]

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"].strip()
        if phone and not _PHONE.fullmatch(re.sub(r"[\s.()/\-\u00a0\u202f]", "", phone)):
            raise forms.ValidationError(
                _("Ce numéro ne se lit pas. Écrivez les chiffres, par exemple 06 12 34 56 78.")
            )
        return phone

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not (cleaned.get("email") or cleaned.get("phone")) and not (
            {"email", "phone"} & set(self.errors)
        ):
            self.add_error(
                "email",
                _("Indiquez un courriel ou un téléphone, pour vous prévenir d’un changement."),
            )
        return cleaned

    @property
    def contact(self) -> Contact:
        names = ("given_name", "family_name", "email", "phone")
        return Contact(**{name: self.cleaned_data[name] for name in names})

    @property
    def given(self) -> Given:
        return Given(self.cleaned_data.get("documents", []), self.cleaned_data["note"])


class ReferenceForm(forms.Form):
    ref = forms.CharField(
        label=_("Référence du rendez-vous"),
        max_length=40,
        help_text=_("16 lettres et chiffres, sur votre confirmation."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def clean_ref(self) -> str:
        ref = "".join(self.cleaned_data["ref"].split()).upper()
        if not Appointment.objects.filter(authority=self.actor.authority, ref=ref).exists():
            raise forms.ValidationError(
                _("Aucun rendez-vous ne porte cette référence. Vérifiez-la, ou téléphonez-nous.")
            )
        return ref


class AbsenceForm(forms.Form):
    agent = forms.ModelChoiceField(Agent.objects.none(), label=_("Agent"))
    first_day = forms.DateField(label=_("Du"), widget=DateInput())
    last_day = forms.DateField(label=_("Au (compris)"), widget=DateInput())
    starts = forms.TimeField(
        label=_("À partir de"),
        required=False,
        widget=TimeInput(),
        help_text=_("Vide : dès le matin."),
    )
    ends = forms.TimeField(
        label=_("Jusqu’à"),
        required=False,
        widget=TimeInput(),
        help_text=_("Vide : toute la journée."),
    )
    label = forms.CharField(label=_("Intitulé"), max_length=100, required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = actor.authority.zone
        _choose(self, "agent", Agent.objects.filter(authority=actor.authority, is_active=True))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        begin = dt.datetime.combine(cleaned["first_day"], cleaned["starts"] or dt.time(), self.zone)
        after = cleaned["last_day"] + dt.timedelta(days=1)
        end = (
            dt.datetime.combine(cleaned["last_day"], cleaned["ends"], self.zone)
            if cleaned["ends"]
            else dt.datetime.combine(after, dt.time(), self.zone)
        )
        if end <= begin:
            self.add_error("last_day", _("L’absence finit avant de commencer."))
        elif end - begin > dt.timedelta(days=366):
            self.add_error("last_day", _("Une absence dure un an au plus."))
        cleaned["begin"], cleaned["end"] = begin, end
        return cleaned


class OpeningForm(forms.ModelForm):
    excluded = forms.CharField(
        label=_("Sauf les"),
        required=False,
        help_text=_("Dates séparées par des espaces, comme 2026-12-24 2026-12-31."),
    )

    class Meta:
        model = Opening
        fields = (
            "agent", "site", "weekday", "starts", "ends", "first_day", "last_day", "every_weeks",
            "reasons",
        )  # fmt: skip
        widgets = {
            "starts": TimeInput(),
            "ends": TimeInput(),
            "first_day": DateInput(),
            "last_day": DateInput(),
            "reasons": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["excluded"].initial = " ".join(self.instance.excluded_days)
        mine = {"authority": actor.authority}
        _choose(self, "agent", Agent.objects.filter(**mine, is_active=True))
        _choose(self, "site", Site.objects.filter(**mine))
        _choose(self, "reasons", Reason.objects.filter(**mine, is_active=True))

    def clean_excluded(self) -> list[str]:
        days = []
        for word in re.split(r"[\s,;]+", self.cleaned_data["excluded"].strip()):
            try:
                if word:
                    days.append(dt.date.fromisoformat(word).isoformat())
            except ValueError:
                raise forms.ValidationError(
                    _("« %(word)s » n’est pas une date : écrivez 2026-12-24."),
                    params={"word": word},
                ) from None
        return sorted(set(days))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        starts, ends = cleaned.get("starts"), cleaned.get("ends")
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if starts and ends and ends <= starts:
            self.add_error("ends", _("L’heure de fin est avant l’heure de début."))
        if first and last and last < first:
            self.add_error("last_day", _("La dernière date est avant la première."))
        self.instance.excluded_days = cleaned.get("excluded", [])
        return cleaned


class EndOpeningForm(forms.Form):
    last_day = forms.DateField(label=_("Dernier jour"), widget=DateInput())


class ReasonForm(forms.ModelForm):
    documents_text = forms.CharField(
        label=_("Pièces à apporter"),
        required=False,
        help_text=_("Une par ligne."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    class Meta:
        model = Reason
        fields = (
            "service", "label", "summary", "duration", "channel", "bookable_by", "instructions",
            "min_notice", "max_notice", "is_active",
        )  # fmt: skip
        widgets = {"instructions": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["documents_text"].initial = "\n".join(self.instance.documents)
        _choose(self, "service", Service.objects.filter(authority=actor.authority))

    def clean_documents_text(self) -> list[str]:
        lines = [
            " ".join(line.split()) for line in self.cleaned_data["documents_text"].splitlines()
        ]
        documents = list(dict.fromkeys(line for line in lines if line))
        if any(len(document) > 120 for document in documents) or len(documents) > 20:
            raise forms.ValidationError(_("Au plus 20 pièces, de 120 caractères chacune."))
        return documents

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self.instance.documents = cleaned.get("documents_text", [])
        return cleaned


class AgentForm(forms.ModelForm):
    class Meta:
        model = Agent
        fields = ("name", "service", "site")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "service", Service.objects.filter(authority=actor.authority))
        _choose(self, "site", Site.objects.filter(authority=actor.authority))
        self.fields["service"].required = True


def _choose(form: forms.BaseForm, name: str, objects: Any) -> None:
    """Offer only what belongs to the actor’s authority."""
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - narrows the type
    field.queryset = objects
