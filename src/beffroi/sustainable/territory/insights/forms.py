from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from beffroi.base.access.public import Actor
from beffroi.base.authorities.models import Street
from beffroi.sustainable.territory.interventions.public import Crew
from beffroi.sustainable.territory.objects.public import Datastream

from .models import Rule
from .wording import BLANKS

LONGEST_MINUTES = 60 * 24 * 31


class StreamsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj} ({obj.unit})"


class RuleForm(forms.ModelForm):
    for_minutes = forms.IntegerField(
        label=_("Pendant (minutes)"),
        min_value=0,
        max_value=LONGEST_MINUTES,
        initial=0,
        help_text=_("Seul le temps mesuré compte : un trou dans les mesures ne prouve rien."),
    )
    clear_minutes = forms.IntegerField(
        label=_("Retour à la normale pendant (minutes)"),
        min_value=0,
        max_value=LONGEST_MINUTES,
        initial=0,
    )
    datastreams = StreamsField(Datastream.objects.none(), label=_("Séries surveillées"))

    class Meta:
        model = Rule
        fields = (
            "name", "domain", "datastreams", "direction", "on_level", "for_minutes", "off_level", "clear_minutes",
            "window_start", "window_end", "severity", "message", "crew", "proposes_notice", "notice_title",
            "notice_body", "streets",
        )  # fmt: skip
        labels = {"window_start": _("Seulement à partir de"), "window_end": _("et avant")}
        widgets = {
            "window_start": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "window_end": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = actor.authority
        territories = [own.pk, *own.held_competences.values_list("territory_id", flat=True)]
        choices = {
            "datastreams": Datastream.objects.filter(authority=own).select_related(
                "thing", "observed_property"
            ),
            "crew": Crew.objects.filter(authority=own),
            "streets": Street.objects.filter(authority__in=territories),
        }
        for name, found in choices.items():
            self.fields[name].queryset = found  # type: ignore[attr-defined]
        self.fields["message"].help_text = _("Blancs possibles : %(blanks)s.") % {
            "blanks": ", ".join(f"{{{name}}}" for name in BLANKS)
        }
        if self.instance.pk:
            self.fields["for_minutes"].initial = self.instance.for_seconds // 60
            self.fields["clear_minutes"].initial = self.instance.clear_for_seconds // 60

    def rule_fields(self) -> dict[str, Any]:
        """What the actions take: the fields of the rule, durations in seconds."""
        fields = {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in ("datastreams", "streets", "for_minutes", "clear_minutes")
        }
        fields["for_seconds"] = self.cleaned_data["for_minutes"] * 60
        fields["clear_for_seconds"] = self.cleaned_data["clear_minutes"] * 60
        return fields


class DismissForm(forms.Form):
    reason = forms.CharField(label=_("Pourquoi ?"), max_length=300)


class PastForm(forms.Form):
    """The stretch of the past that an agent knows to be ordinary."""

    serie = forms.ModelChoiceField(Datastream.objects.none(), label=_("Série"))
    depuis = forms.DateField(
        label=_("Depuis le"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    jusque = forms.DateField(
        label=_("jusqu’au"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, rule: Rule, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        streams = rule.datastreams.select_related("thing", "observed_property")
        self.fields["serie"].queryset = streams  # type: ignore[attr-defined]
        self.fields["serie"].initial = streams.first()
