"""Signing in and out, and one's own account."""

from __future__ import annotations

import json

import django_otp
import segno
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.tokens import default_token_generator
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.encoding import force_str
from django.utils.http import url_has_allowed_host_and_scheme, urlsafe_base64_decode
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_otp.plugins.otp_totp.models import TOTPDevice

from beffroi.base.access.public import Request, paced, page, public_page
from beffroi.base.audit.public import record

from . import actions
from .forms import CodeForm, EraseForm, IdentityForm, LoginForm, PasswordForm
from .models import Account
from .procedures import procedures_of


def sent(request: Request) -> QueryDict | None:
    """What a form is bound to: an empty POST is an answer too."""
    return request.POST if request.method == "POST" else None


def _safe_next(request: Request) -> str:
    target = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        return target
    return ""


@public_page
# Enough for a town hall behind one address; not for one password tried on every name.
@paced(most=100, seconds=600)
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: Request) -> HttpResponse:
    form = LoginForm(request, data=sent(request))
    if request.method == "POST" and form.is_valid():
        login(request, form.get_user())
        target = _safe_next(request) or reverse("people:after_login")
        if django_otp.user_has_device(form.get_user()):
            request.session["after_code"] = target
            return redirect("people:code")
        return redirect(target)
    context = {"form": form, "next": _safe_next(request)}
    return render(request, "people/login.html", context, status=422 if form.errors else 200)


@public_page
@require_http_methods(["GET", "POST"])
def code(request: Request) -> HttpResponse:
    """The second step, for accounts that have a code generator."""
    if not request.user.is_authenticated:
        return redirect("people:login")
    form = CodeForm(sent(request))
    if request.method == "POST" and form.is_valid():
        device = django_otp.match_token(request.user, form.cleaned_data["code"])
        if device is not None:
            django_otp.login(request, device)
            return redirect(request.session.pop("after_code", "") or "people:after_login")
        form.add_error(
            "code", _("Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant.")
        )
    return render(request, "people/code.html", {"form": form}, status=422 if form.errors else 200)


def sign_in_name(request: Request, credentials: dict[str, str] | None = None) -> str:
    """The name under which wrong tries are counted: capitals must not open another account of them."""
    return ((credentials or {}).get("username") or request.POST.get("username", "")).strip().lower()


def locked_out(request: Request, *args: object, **kwargs: object) -> HttpResponse:
    """Called after too many wrong passwords for one e-mail from one address."""
    response = render(request, "people/locked.html", status=429)
    response["Retry-After"] = "900"
    return response


@public_page
@require_POST
def sign_out(request: Request) -> HttpResponse:
    logout(request)
    response = redirect("portal:home")
    response.delete_cookie("mercureAuthorization", path="/.well-known/mercure")
    return response


@page("people.own_account")
def after_login(request: Request) -> HttpResponse:
    """Agents start at the desk, residents at their own matters."""
    return redirect("desk:home" if request.actor.is_agent else "people:procedures")


@page("people.own_account")
def procedures(request: Request) -> HttpResponse:
    found = procedures_of(request.user.person)
    return render(request, "people/procedures.html", {"procedures": found})


@page("people.own_account")
@require_http_methods(["GET", "POST"])
def account(request: Request) -> HttpResponse:
    person = request.user.person
    initial = {
        "given_name": person.given_name,
        "family_name": person.family_name,
        "phone": person.phone,
    }
    form = IdentityForm(sent(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        for name, value in form.cleaned_data.items():
            setattr(person, name, value)
        person.save()
        messages.success(request, _("Vos coordonnées sont enregistrées."))
        return redirect("people:account")
    has_code = TOTPDevice.objects.filter(user=request.user, confirmed=True).exists()
    context = {"form": form, "has_code": has_code}
    return render(request, "people/account.html", context, status=422 if form.errors else 200)


@page("people.own_account")
@require_http_methods(["GET", "POST"])
def second_factor(request: Request) -> HttpResponse:
    """Setting up a code generator; stopping the one that is there, which takes one of its codes."""
    actor = request.actor
    if TOTPDevice.objects.filter(user=request.user, confirmed=True).exists():
        return _stop_second_factor(request)
    device = TOTPDevice.objects.filter(user=request.user, confirmed=False).first()
    form = CodeForm(sent(request))
    if request.method == "POST" and device is not None and form.is_valid():
        if actions.confirm_second_factor(actor, device, form.cleaned_data["code"]):
            django_otp.login(request, device)
            messages.success(request, _("La double vérification est en place."))
            return redirect("people:account")
        form.add_error("code", _("Ce code n’est pas le bon. Vérifiez l’heure de votre téléphone."))
    if device is None:
        device = actions.start_second_factor(actor)
    drawing = segno.make(device.config_url).svg_data_uri(scale=5, border=2)
    key = " ".join(
        device.config_url.partition("secret=")[2].partition("&")[0][i : i + 4]
        for i in range(0, 32, 4)
    )
    context = {"form": form, "drawing": drawing, "key": key.strip()}
    return render(request, "people/second_factor.html", context, status=422 if form.errors else 200)


def _stop_second_factor(request: Request) -> HttpResponse:
    form = CodeForm(sent(request))
    if request.method == "POST" and form.is_valid():
        if actions.remove_second_factor(request.actor, form.cleaned_data["code"]):
            messages.success(request, _("La double vérification est arrêtée."))
            return redirect("people:account")
        form.add_error(
            "code", _("Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant.")
        )
    return render(
        request,
        "people/stop_second_factor.html",
        {"form": form},
        status=422 if form.errors else 200,
    )


@page("people.own_account")
@require_POST
def export(request: Request) -> HttpResponse:
    data = actions.export_own_data(request.actor)
    response = HttpResponse(
        json.dumps(data, ensure_ascii=False, indent=2, default=str), "application/json"
    )
    response["Content-Disposition"] = 'attachment; filename="mes-donnees.json"'
    return response


@page("people.own_account")
@require_http_methods(["GET", "POST"])
def erase(request: Request) -> HttpResponse:
    form = EraseForm(sent(request))
    if request.method == "POST" and form.is_valid():
        actions.erase_own_account(request.actor)
        logout(request)
        return render(request, "people/erased.html")
    return render(request, "people/erase.html", {"form": form}, status=422 if form.errors else 200)


@public_page
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def choose_password(request: Request, uid: str, token: str) -> HttpResponse:
    """The page behind an invitation. The link dies with the first password."""
    try:
        invited = Account.objects.get(pk=int(force_str(urlsafe_base64_decode(uid))))
    except (ValueError, OverflowError, Account.DoesNotExist) as unknown:
        raise Http404 from unknown
    if not default_token_generator.check_token(invited, token):
        raise Http404
    form = PasswordForm(sent(request), instance=invited)
    if request.method == "POST" and form.is_valid():
        form.save()
        signed_in = authenticate(
            request, username=invited.email, password=form.cleaned_data["password1"]
        )
        if signed_in is not None:
            login(request, signed_in)
        record(request.actor, "account.password_chosen")
        return redirect("people:after_login")
    return render(
        request, "people/choose_password.html", {"form": form}, status=422 if form.errors else 200
    )
