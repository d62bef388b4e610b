"""Whatever people write, pages show it as text: markup, quotes, emoji, right-to-left names."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.urls import reverse
from tests import samples

from beffroi.project.pages import all_pages

from .test_tenants import address, body, signed_in

pytestmark = pytest.mark.walk

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'>{{ 7|add:7 }}🦆 عبد الله"
#: What must never stand in a page as markup, nor be evaluated.
LIVE = ("<script>alert(1)", "<img src=x", "onerror=alert(2)>\"'>14", ">14🦆")
ROOMS = {
    "broadcast",
    "signage",
    "assistant",
    "appointments",
    "workshops",
    "objects",
    "insights",
    "interventions",
}
ROOMS |= {"authorities", "people", "imports", "notify"}


def spoil(row: models.Model) -> None:
    """Put hostile text into every free text column of a row, as far as its constraints let it."""
    for field in row._meta.concrete_fields:
        free = isinstance(field, models.TextField | models.CharField) and not isinstance(
            field, models.SlugField | models.EmailField | models.URLField
        )
        if (
            not free
            or field.choices
            or field.unique
            or field.name in {"ref", "digest", "time_zone", "geometry"}
        ):
            continue
        text = HOSTILE[: field.max_length or len(HOSTILE)]
        if field.max_length and field.max_length < 30:
            continue  # codes, units, colours: refused at the edge, and too short for markup
        try:
            with transaction.atomic():
                type(row)._default_manager.filter(pk=row.pk).update(**{field.name: text})
        except DatabaseError:
            continue  # a constraint refuses it: as good as escaping it


@pytest.mark.django_db
def test_hostile_text_is_shown_and_never_run(town):
    planted = samples.plant(town)
    for model in apps.get_models():
        if model._meta.app_label in ROOMS:
            for row in model._default_manager.all():
                spoil(row)
    wrong, escaped = [], set()
    clients = [(role, signed_in(town.accounts[role])) for role in ("resident", "field", "admin")]
    for page in all_pages():
        for role, client in [("nobody", Client()), *clients]:
            answer = client.get(address(page, planted))
            if answer.status_code >= 500:
                wrong.append(f"{page.name} as {role}: {answer.status_code}")
                continue
            if not answer.get("Content-Type", "").startswith(
                ("text/html", "application/atom", "image/svg")
            ):
                continue
            if "&lt;script&gt;" in body(answer):
                escaped.add(page.name)
            wrong += [
                f"{page.name} as {role} shows {live!r}" for live in LIVE if live in body(answer)
            ]
    assert not wrong, "\n".join(wrong)
    assert len(escaped) >= 30, f"the text hardly reached the pages: {sorted(escaped)}"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", [HOSTILE, "\x00", "\u202e" * 50, "a" * 100_000, "%s%n", "' OR 1=1 --", "🦆" * 300]
)
def test_hostile_text_typed_by_anyone_is_answered_and_never_run(town, text):
    for name, data in [
        ("portal:search", {"q": text}),
        ("assistant:ask", {"question": text}),
        ("broadcast:choose_street", {"street": text}),
        ("broadcast:subscribe", {"email": text, "street": text}),
        ("appointments:find", {"ref": text, "email": text}),
        ("people:login", {"username": text, "password": text}),
    ]:
        for send in (Client().get, Client().post):
            answer = send(reverse(name), data)
            assert answer.status_code < 500, f"{name}: {answer.status_code}"
            assert not any(live in body(answer) for live in LIVE), name
