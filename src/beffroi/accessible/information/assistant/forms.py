from __future__ import annotations

from django import forms
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

from beffroi.base.authorities.models import Authority, Service

from .actions import LONGEST_ANSWER
from .answering import LONGEST_QUESTION


class QuestionForm(forms.Form):
    question = forms.CharField(
        label=_("Votre question"),
        help_text=_(
            "Par exemple : comment refaire un passeport ? N’écrivez pas de numéro personnel."
        ),
        max_length=LONGEST_QUESTION,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "dir": "auto"}),
        error_messages={"required": _("Écrivez votre question.")},
    )


class HandOverForm(forms.Form):
    name = forms.CharField(
        label=_("Votre nom"),
        required=False,
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )
    contact = forms.CharField(
        label=_("Téléphone ou courriel"),
        help_text=_("Si vous fermez cette page, l’agent pourra vous répondre autrement."),
        required=False,
        max_length=150,
    )

    def clean_contact(self) -> str:
        contact: str = self.cleaned_data["contact"].strip()
        digits = sum(c.isdigit() for c in contact)
        if contact and "@" in contact:
            EmailValidator(_("Cette adresse n’est pas complète : nom@exemple.fr."))(contact)
        elif contact and digits < 9:
            raise forms.ValidationError(
                _("Donnez un numéro à dix chiffres ou une adresse courriel.")
            )
        return contact


class AnswerForm(forms.Form):
    text = forms.CharField(
        label=_("Votre réponse"),
        max_length=LONGEST_ANSWER,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
        error_messages={"required": _("Écrivez votre réponse avant de l’envoyer.")},
    )


class NoteForm(forms.Form):
    note = forms.CharField(
        label=_("Note interne"),
        help_text=_("Jamais montrée à l’usager."),
        max_length=LONGEST_ANSWER,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        error_messages={"required": _("Écrivez la note avant de l’enregistrer.")},
    )


class TransferForm(forms.Form):
    service: forms.ModelChoiceField[Service] = forms.ModelChoiceField(
        label=_("Service"), queryset=Service.objects.none(), empty_label=None
    )

    def __init__(self, authority: Authority, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["service"].queryset = Service.objects.filter(authority=authority)  # type: ignore[attr-defined]
