"""What is happening to the town now: a small file that commands write and the simulator reads."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from beffroi.project.town.physics.disturbances import KINDS, Disturbance

KEPT = 100
"""Happenings that are over and kept all the same, so that recent charts stay true."""


class Control:
    """`town-control.json` in the data folder; one writer at a time, readers see whole files."""

    def __init__(self, data: Path) -> None:
        self.path = data / "town-control.json"

    def read(self) -> list[Disturbance]:
        """All happenings, those that are over included. An unreadable file is an error, not calm."""
        try:
            rows = json.loads(self.path.read_text("utf-8"))
        except FileNotFoundError:
            return []
        return [Disturbance(**row) for row in rows]

    def changed_at(self) -> int:
        """A number that differs after each change."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return 0
        return found.st_mtime_ns ^ found.st_ino

    def begin(self, happening: Disturbance) -> None:
        """Let something happen; what was already happening of the same kind there ends first."""
        if happening.kind not in KINDS:
            raise ValueError(f"unknown kind of happening: {happening.kind}")

        def change(rows: list[Disturbance]) -> list[Disturbance]:
            return [
                *_ended(rows, happening.kind, happening.place, happening.start),
                happening,
            ]

        self._change(change)

    def end(self, kind: str, place: str, at: float) -> bool:
        """End what happens of that kind there; whether there was something to end."""
        found = False

        def change(rows: list[Disturbance]) -> list[Disturbance]:
            nonlocal found
            after = _ended(rows, kind, place, at)
            found = after != rows
            return after

        self._change(change)
        return found

    def _change(self, change: Callable[[list[Disturbance]], list[Disturbance]]) -> None:
        with self._alone():
            rows = change(self.read())[-KEPT:]
            draft = self.path.with_suffix(".draft")
            draft.write_text(json.dumps([asdict(row) for row in rows], indent=1), "utf-8")
            draft.replace(self.path)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        descriptor = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def is_on(happening: Disturbance, at: float) -> bool:
    return happening.start <= at and (happening.end is None or at < happening.end)


def _ended(rows: list[Disturbance], kind: str, place: str, at: float) -> list[Disturbance]:
    return [
        replace(row, end=at) if (row.kind, row.place) == (kind, place) and is_on(row, at) else row
        for row in rows
    ]
