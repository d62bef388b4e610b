"""Which authority a request speaks to: by host name, by `/a/<slug>/`, else the default one."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import set_script_prefix
from django.utils import timezone

from .models import Authority
from .queries import default_authority

_PREFIX = re.compile(r"^/a/(?P<slug>[a-z0-9-]+)(?P<rest>/.*)$")


class ChosenAuthority:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.authority = None  # type: ignore[attr-defined]
        request.authority_missing = False  # type: ignore[attr-defined]
        prefix = _PREFIX.match(request.path_info)
        if prefix:
            authority = Authority.objects.filter(slug=prefix["slug"]).first()
            request.path_info = prefix["rest"]
            # Every reverse() of this request then leads back to the same authority.
            set_script_prefix(f"/a/{prefix['slug']}/")
            request.authority_missing = authority is None  # type: ignore[attr-defined]
        else:
            host = request.get_host().partition(":")[0]
            authority = Authority.objects.filter(host=host).first() or default_authority()
        request.authority = authority  # type: ignore[attr-defined]
        if authority is None:
            return self.get_response(request)
        with timezone.override(authority.zone):
            return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> None:
        if request.authority_missing:  # type: ignore[attr-defined]
            raise Http404
