"""Which authority a request speaks to: by host name, by `/a/<slug>/`, else the default one."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import get_script_prefix, set_script_prefix
from django.utils import timezone

from .models import Authority
from .queries import authority_of_host

_PREFIX = re.compile(r"^/a/(?P<slug>[a-z0-9-]+)(?P<rest>/.*)$")


class ChosenAuthority:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        outer_prefix = get_script_prefix()
        asked = _PREFIX.match(request.path_info)
        if asked:
            authority = Authority.objects.filter(slug=asked["slug"]).first()
            request.path_info = asked["rest"]
            # Every reverse() of this request then leads back to the same authority.
            set_script_prefix(f"/a/{asked['slug']}/")
        else:
            host = request.get_host().partition(":")[0]
            authority = authority_of_host(host)
        request.authority = authority  # type: ignore[attr-defined]
        try:
            with timezone.override(authority.zone if authority else None):
                return self.get_response(request)
        finally:
            set_script_prefix(outer_prefix)

    def process_view(self, request: HttpRequest, *_: object) -> None:
        if request.authority is None and _PREFIX.match(request.path):  # type: ignore[attr-defined]
            raise Http404
