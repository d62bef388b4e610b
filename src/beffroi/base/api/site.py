"""The one API of the installation, made of the rooms' routers."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.conf import settings
from ninja import NinjaAPI

from .problems import install


class ProblemAPI(NinjaAPI):
    """Says in its description what it does: errors are `application/problem+json` (RFC 9457)."""

    def get_openapi_schema(self, **options: Any) -> Any:
        schema = super().get_openapi_schema(**options)
        for operations in schema["paths"].values():
            for operation in operations.values():
                for status, response in operation["responses"].items():
                    content = response.get("content", {})
                    if int(status) >= 400 and "application/json" in content:
                        content["application/problem+json"] = content.pop("application/json")
        return schema


def build() -> NinjaAPI:
    api = ProblemAPI(
        title="Beffroi",
        version="1",
        description="Digital public services of a local authority. Errors are RFC 9457 problem documents.",
        urls_namespace="api-v1",
        docs_url=None,
    )
    install(api)
    for config in apps.get_app_configs():
        if config.name in settings.ROOMS and find_spec(f"{config.name}.api"):
            module = import_module(f"{config.name}.api")
            if hasattr(module, "router"):
                api.add_router(f"/{config.label}/", module.router, tags=[config.label])
    return api
