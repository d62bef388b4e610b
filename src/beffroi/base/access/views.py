"""Pages about the right to be here: the language, and what went wrong, in plain words."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from .pages import public_page


@public_page
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the chosen language in a cookie and go back to the same page."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=dt.timedelta(days=365),
            samesite="Lax",
            secure=settings.SECURE,
            httponly=True,
        )
    return response


def _refusal(
    request: HttpRequest, status: int, title: str, explanation: str, advice: str
) -> HttpResponse:
    if request.path_info.startswith("/api/"):
        from beffroi.base.api.problems import problem

        return problem(status, f"{explanation} {advice}")
    context = {"status": status, "title": title, "explanation": explanation, "advice": advice}
    return render(request, "access/refusal.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refusal(
        request,
        400,
        _("Cette demande est mal formée"),
        _("Nous n’avons pas compris ce que votre navigateur a envoyé. Rien n’a été enregistré."),
        _("Revenez en arrière et recommencez. Si cela continue, appelez-nous."),
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refusal(
        request,
        403,
        _("Cette page n’est pas ouverte à votre rôle"),
        _("Vous êtes connecté, mais votre rôle ne permet pas cette action."),
        _("Demandez ce droit à l’administrateur de votre collectivité."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _refusal(
        request,
        403,
        _("Le formulaire a expiré"),
        _(
            "Il est resté ouvert trop longtemps, ou votre navigateur refuse les témoins (cookies). "
            "Rien n’a été enregistré."
        ),
        _("Rechargez la page précédente et renvoyez le formulaire."),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refusal(
        request,
        404,
        _("Cette page n’existe pas"),
        _("L’adresse est fausse, ou ce qu’elle montrait a été retiré."),
        _("Partez de l’accueil, ou cherchez ce dont vous avez besoin."),
    )


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    """One address sent a form too often; `seconds` until the next one is taken."""
    response = _refusal(
        request,
        429,
        _("Trop de demandes depuis votre connexion"),
        _("Ce formulaire a été envoyé trop souvent en peu de temps. Rien n’a été enregistré."),
        _("Attendez quelques minutes, puis recommencez. Si c’est urgent, appelez-nous."),
    )
    response["Retry-After"] = str(seconds)
    return response


def failed(request: HttpRequest) -> HttpResponse:
    """The page must stand without database nor authority: either may be what failed."""
    language = translation.get_language() or "fr"
    with translation.override(language):
        body = (
            '<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>{title}</title>'
            '<meta name="viewport" content="width=device-width"><h1>{title}</h1><p>{text}</p></html>'
        ).format(
            lang=language,
            title=_("Un problème est survenu chez nous"),
            text=_(
                "Votre demande n’a pas abouti et rien n’a été enregistré à moitié. Réessayez dans une minute."
            ),
        )
    return HttpResponse(body, status=500)
