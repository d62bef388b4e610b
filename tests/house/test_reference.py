"""A setting, command, page, route, event, permission or periodic task that is not in the docs fails here."""

import importlib.util
from pathlib import Path

import pytest
from django.conf import settings

from beffroi.project.pages import all_pages

ROOT = Path(settings.CHECKOUT_FOLDER)


def reference():
    spec = importlib.util.spec_from_file_location("reference", ROOT / "scripts" / "reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_is_up_to_date():
    page = ROOT / "docs" / "reference.md"
    assert page.read_text() == reference().build(), "run: python scripts/reference.py"


def test_every_environment_variable_read_is_a_declared_setting():
    import re

    from beffroi.project.configuration import SETTINGS

    read = set()
    for path in (ROOT / "src").rglob("*.py"):
        read |= set(re.findall(r"[\"'](BEFFROI_[A-Z_]+)[\"']", path.read_text()))
    assert read <= set(SETTINGS)


@pytest.mark.parametrize("page", all_pages(), ids=lambda page: page.name)
def test_every_page_says_who_may_open_it(page):
    from beffroi.base.access.public import PERMISSIONS

    assert page.permission is not None, f"{page.name} carries neither @page nor @public_page"
    assert page.permission == "" or page.permission in PERMISSIONS


def test_every_permission_is_used():
    from beffroi.base.access.public import PERMISSIONS

    text = "\n".join(
        p.read_text()
        for p in (ROOT / "src").rglob("*")
        if p.suffix in {".py", ".html"} and p.name != "permissions.py"
    )
    assert [code for code in PERMISSIONS if f'"{code}"' not in text] == []


def test_every_declared_event_is_emitted_and_every_consumer_listens_to_a_declared_one():
    from beffroi.base.outbox.registry import CONSUMERS, KINDS

    text = "\n".join(p.read_text() for p in (ROOT / "src").rglob("*.py") if p.name != "events.py")
    assert [kind for kind in KINDS if f'"{kind}"' not in text] == []
    assert set(CONSUMERS) <= set(KINDS)


def test_every_page_of_the_documentation_is_reachable_and_its_links_lead_somewhere():
    import re

    broken = []
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
            if (
                "://" not in target
                and not target.startswith("mailto:")
                and not (page.parent / target).exists()
            ):
                broken.append(f"{page.relative_to(ROOT)} → {target}")
    assert broken == []
