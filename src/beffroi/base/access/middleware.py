from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from .actor import Actor
from .queries import actor_of_account

logger = logging.getLogger(__name__)


def client_address(request: HttpRequest) -> str:
    """The address of the client, as the front process saw it."""
    return request.META.get("REMOTE_ADDR", "")


class FrontAddress:
    """Over the unix socket the server knows no peer: the front process, which drops all forwarded
    headers and sets its own, tells the address. On a TCP connection the header is not believed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.META.get("REMOTE_ADDR"):
            forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
            request.META["REMOTE_ADDR"] = forwarded.rsplit(",", 1)[-1].strip() or "127.0.0.1"
        else:
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        return self.get_response(request)


class CurrentActor:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: self._actor(request))  # type: ignore[attr-defined]
        return self.get_response(request)

    def _actor(self, request: HttpRequest) -> Actor:
        authority = request.authority  # type: ignore[attr-defined]
        account = request.user
        if not account.is_authenticated or not account.is_active:
            return Actor.anonymous(authority)
        if _awaits_second_factor(request):
            return Actor.anonymous(authority)
        return actor_of_account(account, authority)


def _awaits_second_factor(request: HttpRequest) -> bool:
    """A signed-in account with a code generator is nobody until the code was given."""
    from django_otp import user_has_device

    # Within the request of the sign-in itself the account is not yet wrapped by the code middleware.
    is_verified = getattr(request.user, "is_verified", None)
    return not (is_verified and is_verified()) and user_has_device(request.user)


class DatabaseBusy:
    """A locked or full database is said as such, with the right status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, OperationalError):
            return None
        from .views import failed

        logger.exception("the database is unavailable")
        response = failed(request)
        response.status_code = 503
        response["Retry-After"] = "5"
        return response
