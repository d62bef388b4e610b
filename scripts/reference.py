"""Write docs/reference.md from what the product declares: settings, commands, pages, routes, events,
permissions, periodic tasks, retention rules. `--check` only says whether it is up to date."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference.md"


def table(headings: list[str], rows: list[list[str]]) -> list[str]:
    lines = ["| " + " | ".join(headings) + " |", "| " + " | ".join("---" for _ in headings) + " |"]
    cells = [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    return [*lines, *("| " + " | ".join(row) + " |" for row in cells)]


def build() -> str:
    """The page, in English, from the registries of the loaded applications."""
    from django.utils import translation

    from beffroi.base.access.public import PERMISSIONS
    from beffroi.base.api.site import build as build_api
    from beffroi.base.outbox.registry import KINDS
    from beffroi.base.retention.public import all_rules
    from beffroi.base.tasks.registry import PERIODS, TASKS
    from beffroi.project.cli import COMMANDS
    from beffroi.project.configuration import SETTINGS
    from beffroi.project.pages import all_pages

    with translation.override("en"):
        parts = [
            "# Reference",
            "Written by `scripts/reference.py` from the code; the suite fails when it is out of date.",
            "## Settings",
            *table(
                ["variable", "default", "meaning"],
                [[f"`{s.name}`", f"`{s.default}`" if s.default else "", s.help] for s in SETTINGS.values()],
            ),
            "## Commands",
            *table(["command", "what it does"], [[f"`./run {n}`", c.help] for n, c in COMMANDS.items()]),
            "## Pages",
            *table(
                ["address", "name", "permission"],
                [
                    [f"`/{p.pattern}`", f"`{p.name}`", f"`{p.permission}`" if p.permission else "anyone"]
                    for p in all_pages()
                ],
            ),
            "## API routes",
            *table(["method", "path", "what it does"], _routes(build_api().get_openapi_schema(path_prefix="/api/v1/"))),
            "## Events",
            *table(["event", "when"], [[f"`{kind}`", KINDS[kind].description] for kind in sorted(KINDS)]),
            "## Permissions",
            *table(
                ["permission", "meaning", "roles"],
                [
                    [f"`{code}`", str(PERMISSIONS[code].label), ", ".join(sorted(PERMISSIONS[code].roles))]
                    for code in sorted(PERMISSIONS)
                ],
            ),
            "## Periodic tasks",
            *table(
                ["task", "every", "what it does"],
                [[f"`{n}`", f"{seconds} s", TASKS[n].description] for n, seconds in sorted(PERIODS.items())],
            ),
            "## Retention",
            *table(["data", "days", "why"], [[f"`{r.kind}`", str(r.days), r.reason] for r in all_rules()]),
        ]  # fmt: skip
    text = "\n".join(parts).replace("\n## ", "\n\n## ").replace("\n| ", "\n| ")
    return _space_tables(text) + "\n"


def _space_tables(text: str) -> str:
    lines, out = text.split("\n"), []
    for line in lines:
        if line.startswith("|") and out and out[-1] and not out[-1].startswith("|"):
            out.append("")
        out.append(line)
    return "\n".join(out)


def _routes(schema: dict) -> list[list[str]]:  # type: ignore[type-arg]
    return [
        [method.upper(), f"`{path}`", operation.get("summary", "")]
        for path, operations in sorted(schema["paths"].items())
        for method, operation in operations.items()
    ]


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beffroi.project.settings")
    os.environ.setdefault("BEFFROI_DATA", tempfile.mkdtemp(prefix="beffroi-reference-"))
    import django

    django.setup()
    text = build()
    if "--check" in sys.argv:
        return 0 if PAGE.exists() and PAGE.read_text() == text else 1
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
