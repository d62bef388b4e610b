from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from .actions import MOST_BYTES
from .importers import Importer


class UploadForm(forms.Form):
    """One source and the options of its importer."""

    source = forms.FileField(label=_("Fichier à importer"), allow_empty_file=False)

    def __init__(self, importer: Importer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.importer = importer
        self.fields["source"].widget.attrs["accept"] = importer.accepts
        for name, text in importer.options.items():
            if name in importer.file_options:
                self.fields[name] = forms.FileField(
                    label=_("Fichier complémentaire"), help_text=str(text)
                )
            else:
                self.fields[name] = forms.CharField(
                    label=name, help_text=str(text), required=False, max_length=200
                )

    def clean_source(self) -> UploadedFile:
        source: UploadedFile = self.cleaned_data["source"]
        if (source.size or 0) > MOST_BYTES:
            raise forms.ValidationError(
                _(
                    "Ce fichier est trop lourd pour la page. Utilisez la commande « beffroi import »."
                )
            )
        return source

    def texts(self) -> dict[str, str]:
        return {
            name: self.cleaned_data[name]
            for name in self.importer.options
            if name not in self.importer.file_options and self.cleaned_data.get(name)
        }

    def files_by_option(self) -> dict[str, UploadedFile]:
        return {
            name: self.cleaned_data[name]
            for name in self.importer.options
            if name in self.importer.file_options and self.cleaned_data.get(name)
        }
