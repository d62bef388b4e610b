"""Errors of the API as RFC 9457 problem documents, in the reader's language."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError
from ninja.errors import ValidationError as RequestInvalid

logger = logging.getLogger(__name__)


class Problem(Schema):
    """A problem document (RFC 9457). `errors` names the fields that were refused, with the reason."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    errors: list[dict[str, Any]] = []


class Refused(Exception):
    """A business refusal with its HTTP status and what the caller may do now."""

    status = HTTPStatus.BAD_REQUEST

    def __init__(self, detail: str, **extra: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra


class Conflict(Refused):
    """Somebody else was first."""

    status = HTTPStatus.CONFLICT


class Unprocessable(Refused):
    """Understood, and not acceptable."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


def errors(*statuses: int) -> dict[int, type[Problem]]:
    """The errors that an operation declares, for the `response=` table of its route."""
    return dict.fromkeys(statuses, Problem)


def problem(status: int, detail: str = "", **extra: object) -> HttpResponse:
    title = {
        400: _("Demande mal formée"),
        401: _("Identification nécessaire"),
        403: _("Action non autorisée"),
        404: _("Introuvable"),
        405: _("Méthode non permise"),
        409: _("Conflit"),
        413: _("Envoi trop volumineux"),
        422: _("Données refusées"),
        429: _("Trop de demandes"),
        503: _("Momentanément indisponible"),
    }.get(status, HTTPStatus(status).phrase)
    body = {
        "type": "about:blank",
        "title": str(title),
        "status": status,
        "detail": str(detail),
        "errors": [],
        **extra,
    }
    response = JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})
    response["Content-Type"] = "application/problem+json"
    return response


def install(api: NinjaAPI) -> None:
    """Answer every expected failure with a problem document."""

    @api.exception_handler(Refused)
    def refused(request: HttpRequest, error: Refused) -> HttpResponse:
        return problem(error.status, error.detail, **error.extra)

    @api.exception_handler(RequestInvalid)
    def invalid(request: HttpRequest, error: RequestInvalid) -> HttpResponse:
        fields = [
            {"field": ".".join(map(str, e.get("loc", ()))), "reason": e.get("msg", "")}
            for e in error.errors
        ]
        return problem(
            422, _("Certaines valeurs ne conviennent pas ; rien n’a été enregistré."), errors=fields
        )

    @api.exception_handler(ValidationError)
    def not_valid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        return problem(422, " ".join(error.messages))

    @api.exception_handler(AuthenticationError)
    def unknown_caller(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        return problem(401, _("Connectez-vous, ou donnez une clé valable."))

    @api.exception_handler(PermissionDenied)
    def not_allowed(request: HttpRequest, error: Exception) -> HttpResponse:
        return problem(403, _("Votre rôle ne permet pas cette action."))

    @api.exception_handler(Http404)
    def missing(request: HttpRequest, error: Http404) -> HttpResponse:
        return problem(404, _("Cet objet n’existe pas, ou n’est pas accessible d’ici."))

    @api.exception_handler(HttpError)
    def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(error.status_code, str(error))

    @api.exception_handler(OperationalError)
    def busy(request: HttpRequest, error: OperationalError) -> HttpResponse:
        logger.exception("database unavailable")
        response = problem(
            503, _("La base de données ne répond pas. Rien n’a été enregistré : réessayez.")
        )
        response["Retry-After"] = "5"
        return response
