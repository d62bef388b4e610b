"""What the doctor says about one point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "attention", "problem"]


@dataclass(frozen=True)
class Finding:
    level: Level
    subject: str
    text: str
    advice: str = ""
    """What to do; empty when nothing is to be done."""
