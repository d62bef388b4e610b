from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .models import Crew, Intervention
from .queries import crews_for


class NoteForm(forms.Form):
    note = forms.CharField(
        label=_("Note"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class AssignForm(forms.Form):
    crew = forms.ModelChoiceField(Crew.objects.none(), label=_("Équipe"))

    def __init__(self, *args: Any, intervention: Intervention, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["crew"].queryset = crews_for(intervention)  # type: ignore[attr-defined]
        self.fields["crew"].initial = intervention.crew_id
