"""One real browser for the run, a town with one sample of everything, and ways to look at a page."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from beffroi.project.assets import test_folder as folder_of_test_files
from tests.samples import plant
from tests.world import build

from .leak import happen
from .walking import Site

CHROMIUM = "/usr/bin/chromium"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's chromium, started once."""
    if not Path(CHROMIUM).exists():
        pytest.fail("chromium is missing. Run: apt-get install chromium", pytrace=False)
    # Playwright keeps an event loop in this thread, which Django takes for an asynchronous caller.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe_source() -> str:
    file = folder_of_test_files(settings.BEFFROI.state) / "axe.min.js"
    if not file.exists():
        pytest.fail(
            f"{file} is missing. Run: python -m beffroi.project.prepare assets", pytrace=False
        )
    return file.read_text()


@pytest.fixture(scope="session")
def database(chromium: Browser, django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database for the whole run: pytest-django makes none when no test is marked for it.

    Browser tests share one town, so that they cannot be marked: each mark would empty the tables.
    """
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    with django_db_blocker.unblock():
        if "authorities_authority" in connection.introspection.table_names():
            yield
            call_command("flush", verbosity=0, interactive=False)
        else:
            made = setup_databases(verbosity=0, interactive=False, aliases={"default"})
            yield
            teardown_databases(made, verbosity=0)


@pytest.fixture(scope="session")
def site(database: None, django_db_blocker: Any) -> Iterator[Site]:
    """The pages over real HTTP, filled once for all browser tests."""
    from pytest_django.live_server_helper import LiveServer

    with django_db_blocker.unblock():
        world = build()
        samples = plant(world)
        leak = happen(world)
        settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "127.0.0.1"]
        server = LiveServer("127.0.0.1")
        yield Site(server.url, world, samples, leak)
        server.stop()


@pytest.fixture
def context(chromium: Browser, site: Site) -> Iterator[BrowserContext]:
    """A visitor's browser, in French, on a computer."""
    context = chromium.new_context(
        base_url=site.url, locale="fr-FR", viewport={"width": 1280, "height": 800}
    )
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def without_javascript(chromium: Browser, site: Site) -> Iterator[Page]:
    """A browser whose scripts are off; `evaluate` still runs in it, which proves nothing."""
    context = chromium.new_context(base_url=site.url, locale="fr-FR", java_script_enabled=False)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()
