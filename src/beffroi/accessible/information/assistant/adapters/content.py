"""What an importer reads from a source, before anything is stored."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass

from ..engine.passages import Section

LONGEST_TITLE = 500
LONGEST_TEXT = 1_000_000


class Refused(ValueError):
    """This record cannot be stored; the message says why to the person who imports."""


@dataclass(frozen=True, slots=True)
class ArticleContent:
    external_id: str
    title: str
    url: str
    theme: tuple[str, ...]
    sections: tuple[Section, ...]
    language: str = "fr"
    verified_on: dt.date | None = None
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    snapshot: str = ""

    @property
    def fingerprint(self) -> str:
        """Changes when anything that would be stored changes."""
        content = json.dumps(asdict(self), sort_keys=True, default=str)
        return hashlib.sha256(content.encode()).hexdigest()
