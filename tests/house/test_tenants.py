"""Every page and every API route, in six roles and two authorities: nobody sees or does what is another's.

The objects are the commune's. People of the same roles in the other commune ask for them by
their addresses; the only right answer is that they do not exist.
"""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from beffroi.base.access.public import PERMISSIONS, Role
from beffroi.base.api.site import build
from beffroi.project.pages import all_pages
from tests import samples

ROLES = ["resident", "partner", "field", "agent", "head", "admin"]
PAGES = [page for page in all_pages() if page.name not in {"metrics"}]
#: Pages that answer by a reference nobody can guess: whoever has it may open it, wherever he comes from.
BY_REFERENCE = re.compile(
    r"^(assistant:(conversation|turns|choose|judge|hand_over)|appointments:(appointment|extend|give_up|cancel|"
    r"reschedule|calendar_file)|workshops:(registration|cancel|registration_.*)|notify:.*|people:choose_password)$"
)
#: A page costs at most this many queries, whatever it shows.
MOST_QUERIES = 45


@pytest.fixture
def planted(town):
    return samples.plant(town)


def signed_in(account):
    client = Client(raise_request_exception=True)
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def address(page, planted):
    parameters = planted.of(page.name, page.parameters)
    assert parameters is not None, f"tests/samples.py has no object for {page.name} {sorted(page.parameters)}"
    return reverse(page.name, kwargs=parameters)


def foreign(path):
    return f"/a/saint-clair{path}"


@pytest.mark.parametrize("page", [p for p in PAGES if not p.name.startswith("notify:")], ids=lambda page: page.name)
def test_a_page_opens_for_its_roles_only_and_for_its_authority_only(town, planted, page):
    path = address(page, planted)
    needed = PERMISSIONS[page.permission].roles if page.permission else None
    for role in ROLES:
        with CaptureQueriesContext(connection) as queries:
            own = signed_in(town.accounts[role]).get(path)
        allowed = needed is None or Role(role) in needed or (Role.RESIDENT in needed)
        assert own.status_code < 500
        assert (own.status_code == 403) == (not allowed), f"{page.name} as {role}: {own.status_code}"
        assert len(queries) <= MOST_QUERIES, f"{page.name} as {role}: {len(queries)} queries"
        outside = signed_in(town.other_accounts[role]).get(foreign(path))
        assert outside.status_code < 500
        if not BY_REFERENCE.match(page.name):
            if page.parameters and page.name not in {"imports:new"} and allowed:
                assert outside.status_code in {404, 405}, f"{page.name} as foreign {role}: {outside.status_code}"
            assert samples.SECRET not in body(outside), f"{page.name} shows another authority's object"
        # In the commune's own address space a foreign agent is only a resident.
        beside = signed_in(town.other_accounts[role]).get(path)
        if needed is not None and Role.RESIDENT not in needed:
            assert beside.status_code == 403
    nobody = Client().get(path)
    if page.permission:
        assert nobody.status_code == 302, page.name
        assert "/connexion/" in nobody.url
    else:
        assert nobody.status_code < 500


@pytest.mark.parametrize("page", [p for p in PAGES if p.permission and p.parameters], ids=lambda page: page.name)
def test_nobody_changes_an_object_from_another_authority(town, planted, page):
    path = address(page, planted)
    before = snapshot()
    for role in ROLES:
        answer = signed_in(town.other_accounts[role]).post(foreign(path), {"text": "x", "reason": "x", "note": "x"})
        assert answer.status_code in {403, 404, 405} or page.name == "imports:new", f"{page.name} as foreign {role}"
    assert snapshot() == before


def snapshot():
    """Every row of the business tables that an outsider must leave alone."""
    from django.apps import apps

    left_out = {"audit", "sessions", "axes", "tasks", "outbox"}
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.app_label not in left_out and model._meta.label != "people.Account"
    }


def body(response):
    if getattr(response, "streaming", False):
        return b"".join(response.streaming_content).decode(errors="replace")
    return response.content.decode(errors="replace")


def routes():
    schema = build().get_openapi_schema(path_prefix="/api/v1/")
    return [
        (method, path) for path, operations in sorted(schema["paths"].items()) for method in operations
    ]


@pytest.mark.parametrize(("method", "path"), routes(), ids=lambda value: str(value))
def test_an_api_route_never_shows_another_authority(town, planted, method, path):
    filled = path
    for name in re.findall(r"\{(\w+)\}", path):
        values = [p[name] for p in planted.parameters.values() if name in p]
        values += [p["pk"] for p in planted.parameters.values() if "pk" in p and name.endswith("_id")]
        assert values, f"tests/samples.py has nothing for {{{name}}} of {path}"
        filled = filled.replace(f"{{{name}}}", str(values[0]))
    before = snapshot()
    for client in (Client(), *(signed_in(town.other_accounts[role]) for role in ROLES)):
        answer = client.generic(method.upper(), foreign(filled), data=b"{}", content_type="application/json")
        assert answer.status_code < 500
        if not re.search(r"\{ref\}", path):
            assert samples.SECRET not in body(answer), f"{method} {path}"
    assert snapshot() == before
