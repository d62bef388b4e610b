from __future__ import annotations

from django import forms
from django.contrib.auth.forms import AuthenticationForm, BaseUserCreationForm
from django.utils.translation import gettext_lazy as _

from beffroi.base.access.public import Role
from beffroi.base.authorities.models import Authority, Service

from .models import Account


class LoginForm(AuthenticationForm):
    username = forms.EmailField(
        label=_("Courriel"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label=_("Mot de passe"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    error_messages = {
        "invalid_login": _(
            "Ce courriel et ce mot de passe ne vont pas ensemble. Vérifiez les majuscules, puis réessayez."
        ),
        "inactive": _("Ce compte est fermé. Adressez-vous à votre administrateur."),
    }


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code à six chiffres"),
        max_length=8,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )

    def clean_code(self) -> str:
        code = self.cleaned_data["code"].replace(" ", "")
        if not code.isdigit():
            raise forms.ValidationError(_("Le code ne contient que des chiffres."))
        return code


class IdentityForm(forms.Form):
    given_name = forms.CharField(label=_("Prénom"), max_length=100)
    family_name = forms.CharField(label=_("Nom"), max_length=100)
    phone = forms.CharField(label=_("Téléphone"), max_length=30, required=False)


class EraseForm(forms.Form):
    confirm = forms.BooleanField(
        label=_("Je veux effacer mon compte et mes données. Je sais que c’est définitif.")
    )


class InviteForm(forms.Form):
    email = forms.EmailField(label=_("Courriel"))
    given_name = forms.CharField(label=_("Prénom"), max_length=100)
    family_name = forms.CharField(label=_("Nom"), max_length=100)
    role = forms.ChoiceField(
        label=_("Rôle"), choices=[c for c in Role.choices if c[0] != Role.RESIDENT]
    )
    service = forms.ModelChoiceField(
        Service.objects.none(),
        label=_("Service"),
        required=False,
        empty_label=_("Tous les services"),
    )

    def __init__(self, *args: object, authority: Authority, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["service"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - narrows the type of what is declared above
        field.queryset = Service.objects.filter(authority=authority)


class PasswordForm(BaseUserCreationForm):
    """The first password of an invited person; the account exists already."""

    class Meta:
        model = Account
        fields = ()


class AuthorityForm(forms.ModelForm):
    class Meta:
        model = Authority
        fields = (
            "phone",
            "email",
            "postal_address",
            "hours",
            "primary_colour",
            "primary_colour_dark",
        )
        widgets = {"hours": forms.Textarea(attrs={"rows": 4})}
