"""How long this room keeps what it keeps."""

from typing import TypedDict


class Rule(TypedDict):
    days: int
    reason: str


RETENTION: dict[str, Rule] = {
    "ImportRun": {"days": 365, "reason": "to know where a record comes from"},
    "RefusedLine": {"days": 365, "reason": "goes with its import"},
}
