"""All addresses: the rooms' own, found by name, and what belongs to the installation."""

from __future__ import annotations

from importlib.util import find_spec

from django.conf import settings
from django.urls import include, path

from beffroi.base.access import views as access
from beffroi.base.api.site import build

from . import health

api = build()

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("metrics", health.metrics, name="metrics"),
    path("langue/", access.choose_language, name="choose_language"),
    path("api/v1/", api.urls),
    *(
        path("", include(f"{room}.urls"))
        for room in settings.ROOMS
        if find_spec(f"{room}.urls") is not None
    ),
]

handler400 = "beffroi.base.access.views.bad_request"
handler403 = "beffroi.base.access.views.forbidden"
handler404 = "beffroi.base.access.views.not_found"
handler500 = "beffroi.base.access.views.failed"
