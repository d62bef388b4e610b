"""The notices as a screen shows them, and the one rule of what takes everything.

The page repeats this rule (`static/signage/screen.js`): with the times it carries, a screen
without network begins and ends an alert at the same moments as one that is connected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.text import Truncator

from beffroi.accessible.information.broadcast.public import Notice, Severity

MOST_SHOWN = 3
LONGEST_TEXT = 260


@dataclass(frozen=True)
class Bulletin:
    """`alert` is what may take the whole screen; `shown` whether it is visible at this moment."""

    notice: Notice
    text: str
    size: str
    alert: bool
    shown: bool


@dataclass(frozen=True)
class Board:
    bulletins: list[Bulletin]
    alerting: bool


def board_of(notices: Sequence[Notice], at: datetime) -> Board:
    """What is visible at `at`: the alerts that have begun alone, else the first notices."""
    alerts = [n for n in notices if n.severity >= Severity.SEVERE]
    ringing = [n for n in alerts if n.has_begun(at)]
    visible = (ringing or list(notices))[:MOST_SHOWN]
    return Board(
        bulletins=[
            Bulletin(
                notice=notice,
                text=Truncator(notice.body).chars(LONGEST_TEXT),
                size=_size(notice),
                alert=notice in alerts,
                shown=notice in visible,
            )
            for notice in notices
        ],
        alerting=bool(ringing),
    )


def _size(notice: Notice) -> str:
    """Letters shrink with the length of the title, never under a thirtieth of the height."""
    length = len(notice.title)
    return "short" if length <= 40 else "medium" if length <= 75 else "long"
