"""The walls of the house hold, and every room stands behind them."""

import tomllib
from pathlib import Path

from django.conf import settings

SOURCE = Path(settings.PACKAGE)
CONTRACTS = {
    c["name"]: c
    for c in tomllib.loads((SOURCE.parents[1] / "pyproject.toml").read_text())["tool"][
        "importlinter"
    ]["contracts"]
}


def rooms():
    """The leaf folders that are applications, outside `base` and `project`."""
    found = (p.parent.relative_to(SOURCE) for p in SOURCE.rglob("apps.py"))
    return {
        ".".join(("beffroi", *path.parts))
        for path in found
        if path.parts[0] in {"accessible", "sustainable"}
    }


def test_every_room_is_behind_the_wall():
    assert rooms() == set(CONTRACTS["rooms meet in public.py"]["modules"])


def test_every_room_is_installed():
    assert rooms() <= set(settings.ROOMS)


def test_every_room_says_what_it_is_for():
    missing = [
        room
        for room in settings.ROOMS
        if not (SOURCE.parent / room.replace(".", "/") / "README.md").exists()
    ]
    assert missing == []


def test_no_room_has_a_heap():
    heaps = {"utils", "helpers", "core", "manager", "misc", "common"}
    assert [p for p in SOURCE.rglob("*.py") if p.stem in heaps] == []


def test_files_have_one_subject():
    long = {}
    for path in SOURCE.rglob("*.py"):
        lines = len(path.read_text().splitlines())
        if lines > 500 and "migrations" not in path.parts:
            long[str(path.relative_to(SOURCE))] = lines
    assert long == {}


def test_an_engine_explains_its_public_functions():
    import ast

    silent = []
    for path in SOURCE.rglob("engine/*.py"):
        for node in ast.parse(path.read_text()).body:
            named = isinstance(node, ast.FunctionDef | ast.ClassDef)
            if named and not node.name.startswith("_") and not ast.get_docstring(node):
                silent.append(f"{path.relative_to(SOURCE)}:{node.name}")
    assert silent == []
