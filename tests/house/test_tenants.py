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
from tests import samples

from beffroi.base.access.public import PERMISSIONS, Role
from beffroi.base.api.site import build
from beffroi.project.pages import all_pages

pytestmark = pytest.mark.walk
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
    client.force_login(account, backend="beffroi.base.people.authentication.Accounts")
    return client


def address(page, planted):
    parameters = planted.of(page.name, page.parameters)
    assert parameters is not None, (
        f"tests/samples.py has no object for {page.name} {sorted(page.parameters)}"
    )
    return reverse(page.name, kwargs=parameters)


def foreign(path):
    return f"/a/saint-clair{path}"


def test_a_page_opens_for_its_roles_only_and_for_its_authority_only(town, planted):
    wrong = []
    own = {role: signed_in(town.accounts[role]) for role in ROLES}
    foreigners = {role: signed_in(town.other_accounts[role]) for role in ROLES}
    for page in PAGES:
        path = address(page, planted)
        needed = PERMISSIONS[page.permission].roles if page.permission else None
        for role in ROLES:
            said = f"{page.name} as {role}"
            allowed = needed is None or Role(role) in needed or Role.RESIDENT in needed
            with CaptureQueriesContext(connection) as queries:
                answer = own[role].get(path)
            if answer.status_code == 405 and not allowed:
                answer = own[role].post(path)
            if answer.status_code >= 500 or (answer.status_code == 403) == allowed:
                wrong.append(f"{said}: {answer.status_code}")
            if len(queries) > MOST_QUERIES:
                wrong.append(f"{said}: {len(queries)} queries")
            outside = foreigners[role].get(foreign(path))
            if outside.status_code >= 500:
                wrong.append(f"{said} from outside: {outside.status_code}")
            if not BY_REFERENCE.match(page.name):
                names_an_object = page.parameters and page.name != "imports:new"
                if names_an_object and allowed and outside.status_code not in {404, 405}:
                    wrong.append(f"{said} from outside: {outside.status_code}, not 404")
                if samples.SECRET in body(outside):
                    wrong.append(f"{said} from outside shows another authority's object")
            # In the commune's own address space a foreign agent is only a resident.
            if role == "admin" and needed is not None and Role.RESIDENT not in needed:
                beside = foreigners[role].get(path)
                if beside.status_code not in {403, 405}:
                    wrong.append(f"{said}, a stranger in this authority: {beside.status_code}")
        nobody = Client().get(path)
        if nobody.status_code == 405:
            nobody = Client().post(path)
        if page.permission and (nobody.status_code != 302 or "/connexion/" not in nobody.url):
            wrong.append(f"{page.name} without signing in: {nobody.status_code}")
    assert not wrong, "\n".join(wrong)


def test_nobody_changes_an_object_from_another_authority(town, planted):
    before = snapshot()
    wrong = []
    foreigners = {role: signed_in(town.other_accounts[role]) for role in ROLES}
    for page in PAGES:
        if not (page.permission and page.parameters) or page.name == "imports:new":
            continue
        for role in ROLES:
            answer = foreigners[role].post(
                foreign(address(page, planted)), {"text": "x", "reason": "x", "note": "x"}
            )
            if answer.status_code not in {403, 404, 405}:
                wrong.append(f"{page.name} as {role}: {answer.status_code}")
    assert wrong == []
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
        (method, path)
        for path, operations in sorted(schema["paths"].items())
        for method in operations
    ]


def test_an_api_route_never_shows_another_authority(town, planted):
    before = snapshot()
    wrong = []
    callers = [Client(), *(signed_in(town.other_accounts[role]) for role in ROLES)]
    for method, path in routes():
        filled = path
        for name in re.findall(r"\{(\w+)\}", path):
            room = path.split("/")[3]
            values = [
                p[name]
                for key, p in planted.parameters.items()
                if name in p and key.startswith(room)
            ]
            if name == "id" or name.endswith("_id"):
                values += [
                    p["pk"]
                    for key, p in planted.parameters.items()
                    if "pk" in p and key.startswith(room)
                ]
            assert values, f"tests/samples.py has nothing for {{{name}}} of {path}"
            filled = filled.replace(f"{{{name}}}", str(values[0]))
        for client in callers:
            answer = client.generic(
                method.upper(), foreign(filled), data=b"{}", content_type="application/json"
            )
            if answer.status_code >= 500:
                wrong.append(f"{method} {path}: {answer.status_code}")
            if "{ref}" not in path and samples.SECRET in body(answer):
                wrong.append(f"{method} {path} shows another authority's object")
    assert wrong == []
    assert snapshot() == before
