"""`beffroi import NAME SOURCE`: the importers, from the command line."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from beffroi.base.access.public import Actor
from beffroi.base.authorities.models import Authority
from beffroi.base.authorities.public import default_authority

from .importers import Importer, importers
from .models import ImportRun
from .running import RunReport, execute

CANCELLED_BY_SIGNAL = 130


def run(argv: Sequence[str]) -> int:
    """Runs one import in the foreground.

    Returns 0 when it is done, with or without refused lines; 1 when nothing could be read or
    every record was refused; 130 when it was stopped; 2 for a wrong command.
    """
    given = _parser().parse_args(list(argv))
    kind: Importer = given.importer
    source: Path = given.source
    authority = _authority(given.authority)
    if authority is None:
        return _wrong_command(f"no authority is called {given.authority!r}")
    if not source.exists():
        return _wrong_command(f"{source}: no such file or folder")
    values = {name: getattr(given, name) for name in kind.options}
    chosen = {name: value for name, value in values.items() if value is not None}
    trace = ImportRun.objects.create(
        authority=authority, importer=kind.name, source_name=source.name[-250:], options=chosen
    )
    report = RunReport(trace, on_sign=_print_progress, on_refusal=_print_refusal)
    with _stoppable(report):
        execute(trace, kind, source, Actor.system(authority, "beffroi import"), report, chosen)
    return _print_end(trace)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="beffroi import", description="Imports data; one clear line for each record refused."
    )
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="NAME")
    for kind in importers().values():
        one = kinds.add_parser(kind.name, help=str(kind.title), description=str(kind.help))
        one.add_argument("source", type=Path, metavar="FILE", help="file or folder to read")
        one.add_argument(
            "--authority", metavar="SLUG", help="authority; the default one without it"
        )
        for name, text in kind.options.items():
            one.add_argument(
                f"--{name.replace('_', '-')}", dest=name, metavar=name.upper(), help=str(text)
            )
        one.set_defaults(importer=kind)
    return parser


def _authority(slug: str | None) -> Authority | None:
    return Authority.objects.filter(slug=slug).first() if slug else default_authority()


def _wrong_command(message: str) -> int:
    sys.stderr.write(f"beffroi import: {message}\n")
    return 2


@contextmanager
def _stoppable(report: RunReport) -> Iterator[None]:
    """Ctrl-C or TERM asks the import to stop between two records; a second one stops it at once."""

    def stop(number: int, frame: FrameType | None) -> None:
        report.cancel()
        signal.signal(number, before[signal.Signals(number)])

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, before[signal.Signals(number)])


def _print_progress(run: ImportRun) -> None:
    if not run.is_over and run.total:
        share = f" ({run.percent} %)" if run.percent is not None else ""
        sys.stderr.write(f"{run.done} / {run.total}{share}\n")


def _print_refusal(line: int, reason: str) -> None:
    sys.stderr.write(f"line {line}: {reason}\n" if line else f"{reason}\n")


def _print_end(run: ImportRun) -> int:
    for note in run.notes:
        sys.stdout.write(f"{note}\n")
    sys.stdout.write(
        f"{run.importer}: {run.accepted} accepted, {run.refused} refused, {run.state}\n"
    )
    if run.state == ImportRun.State.CANCELLED:
        return CANCELLED_BY_SIGNAL
    everything_refused = run.refused > 0 and run.accepted == 0
    return 1 if run.state == ImportRun.State.FAILED or everything_refused else 0
