"""A resident follows a street by e-mail: asked here, confirmed by the link in the first mail."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from beffroi.base.access.public import Request, paced, public_page
from beffroi.base.notify.public import ask_consent

from .forms import SubscribeForm, options_of
from .mails import STREET_KIND, scope_of
from .views import authority_of, street_of


@public_page
@paced(most=20, seconds=600)
@require_http_methods(["GET", "HEAD", "POST"])
def subscribe(request: Request) -> HttpResponse:
    """The same answer for every address: the form tells nobody who is subscribed."""
    authority = authority_of(request)
    street = street_of(request)
    form = SubscribeForm(
        request.POST if request.method == "POST" else None,
        authority=authority,
        initial={"street": street.name if street else ""},
    )
    if request.method == "POST" and form.is_valid():
        assert form.found is not None  # noqa: S101 - a required street is found or refused
        ask_consent(
            authority,
            STREET_KIND,
            form.cleaned_data["email"],
            scope=scope_of(form.found),
            title=_("annonces de la rue : %(street)s") % {"street": form.found.name},
            language=get_language() or "fr",
        )
        messages.success(
            request,
            _(
                "Regardez vos courriels : ouvrez le lien reçu pour confirmer. Sans cela, rien ne part."
            ),
        )
        return redirect("broadcast:notices")
    return render(
        request,
        "broadcast/subscribe.html",
        {"form": form, "street_names": options_of(authority)},
        status=422 if form.is_bound else 200,
    )
