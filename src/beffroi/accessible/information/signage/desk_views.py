"""The agents' side: pair a screen by its code, see how screens are, take one away."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from beffroi.base.access.public import Actor, Request, door, page, visible
from beffroi.base.notify.public import absolute_url

from . import actions
from .forms import PairingForm, ScreenForm
from .models import Screen


@page("signage.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def screens(request: Request) -> HttpResponse:
    actor: Actor = request.actor
    form = PairingForm(
        request.POST if request.method == "POST" else None, authority=actor.authority
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            values = form.cleaned_data
            try:
                screen = actions.pair(
                    actor, values["code"], values["name"], values["site"], values["orientation"]
                )
            except actions.TooManyGuesses as refusal:
                form.add_error(None, refusal)
                status = 429
            except ValidationError as refusal:
                _report(form, refusal)
            else:
                messages.success(
                    request, _("L’écran « %(name)s » est associé.") % {"name": screen.name}
                )
                return redirect("signage:screens")
    context = {
        "form": form,
        "screens": visible(Screen.objects.select_related("site"), actor),
        "screen_url": absolute_url(actor.authority, "signage:screen"),
    }
    return render(request, "signage/screens.html", context, status=status)


@page("signage.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: Request, ref: str) -> HttpResponse:
    actor: Actor = request.actor
    screen = door(Screen.objects.select_related("authority", "site"), actor, ref=ref)
    form = ScreenForm.of(screen, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            actions.change(actor, screen, values["name"], values["site"], values["orientation"])
        except ValidationError as refusal:
            _report(form, refusal)
        else:
            messages.success(request, _("L’écran est modifié."))
            return redirect("signage:screens")
    return render(
        request,
        "signage/change.html",
        {"form": form, "screen": screen},
        status=422 if form.errors else 200,
    )


@page("signage.manage")
@require_POST
def remove(request: Request, ref: str) -> HttpResponse:
    actor: Actor = request.actor
    actions.remove(actor, door(Screen, actor, ref=ref))
    messages.success(request, _("L’écran est retiré. Il affiche de nouveau un code."))
    return redirect("signage:screens")


def _report(form: ScreenForm, refusal: ValidationError) -> None:
    fields = (
        refusal.message_dict if hasattr(refusal, "error_dict") else {"__all__": refusal.messages}
    )
    for name, texts in fields.items():
        # The pair (authority, name) is unique: what the agent can change is the name.
        if name in form.fields:
            form.add_error(name, texts)
        else:
            form.add_error("name", _("Un autre écran porte déjà ce nom."))
