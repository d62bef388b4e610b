"""`beffroi COMMAND …`: one table of commands, each living where its subject lives."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from .configuration import Installation


@dataclass(frozen=True)
class Command:
    target: str  # "module:function(argv) -> int"
    help: str
    needs_django: bool = True


COMMANDS: dict[str, Command] = {
    "up": Command(
        "beffroi.project.operations.up:run",
        "start the town: web, live, worker, intake under one supervisor",
        False,
    ),
    "doctor": Command(
        "beffroi.project.operations.doctor:run",
        "check the machine, the settings, the mail server, the disk, the clock",
    ),
    "backup": Command(
        "beffroi.project.operations.backup:run", "one archive of everything, while the town runs"
    ),
    "restore": Command(
        "beffroi.project.operations.restore:run",
        "put an archive back, verified by hashes and counts",
        False,
    ),
    "proxy": Command(
        "beffroi.project.operations.proxy:run", "print a configuration for nginx or caddy", False
    ),
    "service": Command("beffroi.project.operations.service:run", "write systemd units", False),
    "import": Command(
        "beffroi.base.imports.command:run",
        "bring in addresses, a map, articles, readings or an agenda",
    ),
    "tasks": Command("beffroi.base.tasks.command:run", "list the tasks, try a failed one again"),
    "town": Command(
        "beffroi.project.town.command:run", "plant the demonstration town, make a leak, repair it"
    ),
    "manage": Command(
        "beffroi.project.cli:manage", "Django's own commands (migrate, shell, makemigrations…)"
    ),
}


def manage(argv: list[str]) -> int:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["beffroi manage", *argv])
    return 0


def _take_installation_options(argv: list[str]) -> list[str]:
    """`--data DIR` and `--port N` hold for every command: they become settings before anything reads them."""
    rest: list[str] = []
    names = {"--data": "BEFFROI_DATA", "--port": "BEFFROI_PORT"}
    command = argv[0] if argv else ""
    remaining = iter(argv)
    for word in remaining:
        option, _, value = word.partition("=")
        if option in names and command not in {"restore"}:
            os.environ[names[option]] = value or next(remaining, "")
        else:
            rest.append(word)
    return rest


def usage() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {command.help}" for name, command in COMMANDS.items()]
    return "\n".join(["beffroi COMMAND [options]", *lines])


def main(argv: list[str] | None = None) -> int:
    words = _take_installation_options(sys.argv[1:] if argv is None else argv)
    name = words[0] if words else "help"
    command = COMMANDS.get(name)
    if command is None:
        sys.stderr.write(usage() + "\n")
        return 0 if name in {"help", "-h", "--help"} else 2
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beffroi.project.settings")
    if command.needs_django:
        Installation.from_environment().create_folders()
        import django

        django.setup()
    module, _, function = command.target.partition(":")
    run: Callable[[list[str]], int] = getattr(import_module(module), function)
    return run(words[1:])


if __name__ == "__main__":
    sys.exit(main())
