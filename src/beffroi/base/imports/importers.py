"""The registry of importers, and what an importer may say while it runs."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Protocol

from django.utils.functional import Promise

from beffroi.base.access.public import Actor


class ImportCancelled(Exception):
    """Raised by ``Report.check`` when somebody asked the import to stop."""


class UnreadableSource(Exception):
    """The source cannot be read at all; the message says why, in the user's language."""


class Report(Protocol):
    """How an importer tells what it does: progress, accepted records, refused ones."""

    @property
    def cancelled(self) -> bool:
        """True once somebody asked to stop: the importer must return soon, storing no half."""
        ...

    def check(self) -> None:
        """Raises ``ImportCancelled`` when somebody asked to stop."""
        ...

    def progress(self, done: int, total: int) -> None:
        """Says how far the work is, in any unit; ``total`` 0 means unknown."""
        ...

    def accept(self, count: int = 1) -> None:
        """Counts records stored."""
        ...

    def refuse(self, line: int, reason: str | Promise) -> None:
        """Notes one refused record: its line in the source (0 = the whole) and why."""
        ...

    def note(self, message: str | Promise) -> None:
        """Adds a sentence to the summary shown when the import ends."""
        ...


class Importer(ABC):
    """One kind of source. Registered once per room, run by the command line and by the page.

    ``run`` stores a whole record or nothing of it, calls ``report.check()`` between batches, and
    gives the same state when run twice on the same source.
    """

    name: ClassVar[str]
    title: ClassVar[str | Promise]
    help: ClassVar[str | Promise] = ""
    options: ClassVar[dict[str, str | Promise]] = {}
    """Name → help; a name ending in ``map`` or listed in ``file_options`` is a second file."""
    file_options: ClassVar[frozenset[str]] = frozenset({"map"})
    accepts: ClassVar[str] = ""
    """Suffixes offered by the page's file chooser, as in HTML's ``accept``."""
    permission: ClassVar[str] = "imports.run"

    @abstractmethod
    def run(self, source: Path, actor: Actor, report: Report, **options: Any) -> None: ...


_importers: dict[str, Importer] = {}


def register_importer(importer: Importer | type[Importer]) -> None:
    """Makes ``beffroi import NAME`` and the page know the importer; called in ``ready()``."""
    instance = importer() if isinstance(importer, type) else importer
    _importers[instance.name] = instance


def importers() -> dict[str, Importer]:
    return dict(sorted(_importers.items()))


def importer(name: str) -> Importer | None:
    return _importers.get(name)
