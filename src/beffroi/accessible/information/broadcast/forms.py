from __future__ import annotations

import difflib
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from beffroi.base.authorities.models import Authority, Domain, Street
from beffroi.base.authorities.public import find_streets, searchable

from .actions import Content
from .models import Notice, Severity

LOCAL = "%Y-%m-%dT%H:%M"


class LocalMoment(forms.DateTimeField):
    """Day and hour in the authority's zone; an hour that the clock change skips or doubles is refused."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL)
        super().__init__(
            required=False, widget=widget, input_formats=[LOCAL, "%Y-%m-%dT%H:%M:%S"], **options
        )


class NoticeForm(forms.Form):
    """One notice; `chosen` streets are boxes, `street` names one more to add or to be asked about."""

    title = forms.CharField(
        label=_("Titre"),
        max_length=120,
        help_text=_("Ce qui arrive et où : « Coupure d’eau rue des Tanneurs »."),
    )
    body = forms.CharField(
        label=_("Texte"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Qui est concerné, jusqu’à quand, que faire. Vingt mots par phrase au plus."),
    )
    domain = forms.ChoiceField(label=_("Domaine"), choices=Domain.choices, initial=Domain.GENERAL)
    severity = forms.TypedChoiceField(
        label=_("Importance"),
        choices=Severity.choices,
        coerce=int,
        initial=Severity.ATTENTION,
        widget=forms.RadioSelect,
        help_text=_("À partir de « Important », l’annonce occupe tout l’écran de la place."),
    )
    chosen = forms.ModelMultipleChoiceField(
        label=_("Rues concernées"),
        queryset=Street.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Sans rue, l’annonce concerne tout le territoire."),
    )
    street = forms.CharField(
        label=_("Ajouter une rue"),
        required=False,
        max_length=150,
        widget=forms.TextInput(attrs={"list": "rues", "autocomplete": "off"}),
    )
    starts_at = LocalMoment(label=_("Début"), help_text=_("Vide : dès maintenant."))
    expected_end = LocalMoment(
        label=_("Fin estimée"), help_text=_("Annoncée aux habitants ; n’arrête rien.")
    )
    ends_at = LocalMoment(
        label=_("Retrait automatique"), help_text=_("À cette heure, l’annonce disparaît partout.")
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, authority: Authority, **options: Any) -> None:
        super().__init__(*args, **options)
        self.authority = authority
        self.all_streets = list(Street.objects.filter(authority=authority))
        self.added: list[Street] = []
        self.offered: list[Street] = []
        field = self.fields["chosen"]
        assert isinstance(field, forms.ModelMultipleChoiceField)  # noqa: S101 - declared above
        field.queryset = Street.objects.filter(authority=authority)
        self.shown = self._streets_toshow()
        field.widget.choices = [(street.pk, street.name) for street in self.shown]

    @classmethod
    def of(cls, notice: Notice, **options: Any) -> NoticeForm:
        initial = {
            "title": notice.title,
            "body": notice.body,
            "domain": notice.domain,
            "severity": notice.severity,
            "chosen": [street.pk for street in notice.streets.all()],
            "starts_at": notice.starts_at,
            "expected_end": notice.expected_end,
            "ends_at": notice.ends_at,
            "version": notice.version,
        }
        return cls(authority=notice.authority, initial=initial, **options)

    def _streets_toshow(self) -> list[Street]:
        """Boxes: what is chosen, then what the texts name; ticked ones keep their tick."""
        by_key = {street.pk: street for street in self.all_streets}
        keys = self.data.getlist("chosen") if self.is_bound else (self.initial.get("chosen") or [])  # type: ignore[attr-defined]
        chosen = [by_key[int(k)] for k in keys if str(k).isdigit() and int(k) in by_key]
        if not self.is_bound:
            return chosen
        text = f"{self.data.get('title', '')} {self.data.get('body', '')}"
        named = find_streets(self.authority, text)
        return list(dict.fromkeys([*chosen, *named]))

    def clean_street(self) -> str:
        """One exact street is added; several possible ones are offered as boxes, none is guessed."""
        text = self.cleaned_data["street"].strip()
        if not text:
            return ""
        wanted = searchable(text)
        exact = [street for street in self.all_streets if searchable(street.name) == wanted]
        found = exact or find_streets(self.authority, text) or self._close_to(wanted)
        if len(exact or found) == 1 and (exact or searchable(found[0].name).endswith(wanted)):
            self.added = found[:1]
            return ""
        self.offered = found
        self.show(found)
        if found:
            raise forms.ValidationError(
                _("Précisez : cochez la rue parmi celles proposées, ou videz ce champ.")
            )
        raise forms.ValidationError(
            _("Aucune rue ne porte ce nom ici. Vérifiez-le, ou videz ce champ.")
        )

    def _close_to(self, wanted: str) -> list[Street]:
        names = {street.search_name: street for street in self.all_streets}
        return [names[name] for name in difflib.get_close_matches(wanted, names, n=5, cutoff=0.6)]

    def show(self, streets: list[Street]) -> None:
        self.shown = list(dict.fromkeys([*self.shown, *streets]))
        self.fields["chosen"].widget.choices = [(s.pk, s.name) for s in self.shown]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        starts, ends = values.get("starts_at"), values.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", _("Le retrait doit venir après le début."))
        return values

    @property
    def streets(self) -> list[Street]:
        return list(dict.fromkeys([*self.cleaned_data.get("chosen", []), *self.added]))

    def content(self) -> Content:
        values = self.cleaned_data
        return Content(
            title=values["title"],
            body=values["body"],
            severity=values["severity"],
            domain=values["domain"],
            streets=self.streets,
            starts_at=values["starts_at"],
            expected_end=values["expected_end"],
            ends_at=values["ends_at"],
        )


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Motif, lu par les habitants"), required=False, max_length=200)


class StreetForm(forms.Form):
    """« Près de chez vous »: a resident names a street; several possible ones are listed."""

    street = forms.CharField(
        label=_("Votre rue"),
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"list": "rues", "autocomplete": "street-address"}),
    )

    def __init__(self, *args: Any, authority: Authority, **options: Any) -> None:
        super().__init__(*args, **options)
        self.authority = authority
        self.found: Street | None = None
        self.offered: list[Street] = []

    def clean_street(self) -> str:
        text: str = self.cleaned_data["street"].strip()
        if not text:
            return ""
        exact = Street.objects.filter(
            authority=self.authority, search_name=searchable(text)
        ).first()
        found = [exact] if exact else find_streets(self.authority, text)
        if len(found) == 1:
            self.found = found[0]
            return text
        self.offered = found
        if found:
            raise forms.ValidationError(
                _("Plusieurs rues correspondent : choisissez la vôtre ci-dessous.")
            )
        raise forms.ValidationError(_("Cette rue n’est pas connue ici. Vérifiez son nom."))


class SubscribeForm(StreetForm):
    email = forms.EmailField(
        label=_("Votre adresse de courriel"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("Elle ne sert qu’à ces messages. Un clic suffit pour arrêter."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["street"].required = True


def options_of(authority: Authority) -> list[str]:
    """Names for the browser's own suggestions; a town too large for them is found by typing."""
    return list(Street.objects.filter(authority=authority).values_list("name", flat=True)[:1500])
