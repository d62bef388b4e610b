"""Fixtures that every test may use: a small world of authorities, people in each role, their clients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from django.conf import settings
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

hypothesis_settings.register_profile(
    "suite",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
hypothesis_settings.load_profile("suite")

PASSWORD = "correct horse battery staple"


def pytest_configure(config: pytest.Config) -> None:
    # A real hash costs 50 ms each; no test is about its strength.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    """The journal's triggers would stop the emptying of tables between tests; its own tests put them back."""
    from django.db import connection

    from beffroi.base.audit import append_only

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        append_only.remove(connection)


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    """What one test drew, and the language it spoke, must not reach the next one."""
    from django.core.cache import cache
    from django.utils import translation

    cache.clear()
    translation.activate("fr")


@dataclass
class World:
    """Two communes, two EPCI, a water syndicat that overlaps them, a département, and people."""

    commune: object
    other: object
    epci: object
    second_epci: object
    syndicat: object
    departement: object
    services: dict[str, object] = field(default_factory=dict)
    streets: dict[str, object] = field(default_factory=dict)
    site: object = None
    accounts: dict[str, object] = field(default_factory=dict)
    other_accounts: dict[str, object] = field(default_factory=dict)
    syndicat_accounts: dict[str, object] = field(default_factory=dict)


@pytest.fixture
def town(db: None) -> World:
    from tests.world import build

    return build()


@pytest.fixture
def actor(town: World) -> Callable[..., object]:
    """actor("agent"), actor("field", town.syndicat), actor("anonymous"): who acts, in which authority."""
    from beffroi.base.access.public import Actor, actor_of_account

    def make(role: str, authority: object = None) -> object:
        whose = authority or town.commune
        if role == "anonymous":
            return Actor.anonymous(whose)  # type: ignore[arg-type]
        return actor_of_account(_accounts(town, whose)[role], whose)  # type: ignore[arg-type]

    return make


def _accounts(town: World, authority: object) -> dict[str, object]:
    return {
        town.commune.pk: town.accounts,  # type: ignore[attr-defined]
        town.other.pk: town.other_accounts,  # type: ignore[attr-defined]
        town.syndicat.pk: town.syndicat_accounts,  # type: ignore[attr-defined]
    }[authority.pk]  # type: ignore[attr-defined]


@pytest.fixture
def agent(actor: Callable[..., object]) -> object:
    return actor("agent")


@pytest.fixture
def head(actor: Callable[..., object]) -> object:
    return actor("head")


@pytest.fixture
def resident(actor: Callable[..., object]) -> object:
    return actor("resident")


@pytest.fixture
def client_for(town: World) -> Callable[..., Client]:
    """client_for("agent") is a browser signed in as the commune's agent.

    Paths of another authority than the default one are prefixed with `/a/<slug>`.
    """

    def make(role: str = "anonymous", authority: object = None) -> Client:
        client = Client()
        if role != "anonymous":
            client.force_login(
                _accounts(town, authority or town.commune)[role],  # type: ignore[arg-type]
                backend="beffroi.base.people.authentication.Accounts",
            )
        return client

    return make


@pytest.fixture
def installation(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> object:
    """An installation in a folder of its own, for what writes files beside the database."""
    from dataclasses import replace

    fresh = replace(settings.BEFFROI, data=tmp_path)
    fresh.create_folders()
    monkeypatch.setattr(settings, "BEFFROI", fresh)
    return fresh
