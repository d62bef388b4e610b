"""Dates written in columns of fixed width, read without a loop over the rows."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_WIDTHS = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2, "f": 3}
KNOWN_FORMATS = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d",
    "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ", "%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S%z", "%Y-%m-%dT%H:%M%z",
    "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Times:
    """`wall` in ms since 1970-01-01 on the clock that wrote them, `valid` where they are dates at all;
    `offset` (ms) where the text carries one, None when the clock is a local one."""

    wall: NDArray[np.int64]
    valid: NDArray[np.bool_]
    offset: NDArray[np.int64] | None


def guess_format(text: str) -> str | None:
    """The known format in which a date is written; None when there is none. Days come before months."""
    for form in KNOWN_FORMATS:
        if read_times(np.array([text]), form).valid.all():
            return form
    return None


def read_times(texts: NDArray[np.str_], form: str) -> Times:
    """Times written in `form`: %Y %m %d %H %M %S %f (three digits) %z (+HH:MM) and literal characters.

    A final Z in the form, like %z, makes them absolute. Raises ValueError for another directive.
    """
    pieces = re.findall(r"%(.)|([^%])", form)
    width = sum(6 if name == "z" else _WIDTHS.get(name, 1) for name, _ in pieces)
    unknown = [name for name, _ in pieces if name and name not in _WIDTHS and name != "z"]
    if unknown:
        raise ValueError(f"%{unknown[0]}")
    valid = np.char.str_len(texts) == width
    codes = (
        np.ascontiguousarray(texts.astype(f"U{width}")).view(np.uint32).reshape(len(texts), width)
    )
    defaults = {"Y": 1970, "m": 1, "d": 1, "H": 0, "M": 0, "S": 0, "f": 0}
    fields = {name: np.full(len(texts), default) for name, default in defaults.items()}
    offset: NDArray[np.int64] | None = None
    place = 0
    for name, literal in pieces:
        if literal:
            valid &= codes[:, place] == ord(literal)
            place += 1
        elif name == "z":
            sign = np.where(codes[:, place] == ord("-"), -1, 1)
            valid &= np.isin(codes[:, place], [ord("+"), ord("-")]) & (
                codes[:, place + 3] == ord(":")
            )
            hours = _digits(codes[:, place + 1 : place + 3], valid)
            minutes = _digits(codes[:, place + 4 : place + 6], valid)
            offset = sign * (hours * 60 + minutes) * 60_000
            place += 6
        else:
            fields[name] = _digits(codes[:, place : place + _WIDTHS[name]], valid)
            place += _WIDTHS[name]
    if form.endswith("Z"):
        offset = np.zeros(len(texts), np.int64)
    return Times(_milliseconds(fields, valid), valid, offset)


def _digits(codes: NDArray[np.uint32], valid: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The number written by each row of characters; rows with anything else are struck from `valid`."""
    digits = codes.astype(np.int64) - ord("0")
    valid &= ((digits >= 0) & (digits <= 9)).all(axis=1)
    return digits @ (10 ** np.arange(codes.shape[1] - 1, -1, -1))


def _milliseconds(
    fields: dict[str, NDArray[np.int64]], valid: NDArray[np.bool_]
) -> NDArray[np.int64]:
    year, month = fields["Y"], fields["m"]
    valid &= (month >= 1) & (month <= 12) & (fields["d"] >= 1)
    valid &= (fields["H"] < 24) & (fields["M"] < 60) & (fields["S"] < 60)
    first = (np.where(valid, year, 1970) - 1970) * 12 + np.where(valid, month, 1) - 1
    months = first.astype("datetime64[M]")
    days = months.astype("datetime64[D]").astype(np.int64) + fields["d"] - 1
    valid &= days < (months + 1).astype("datetime64[D]").astype(np.int64)
    seconds = (fields["H"] * 60 + fields["M"]) * 60 + fields["S"]
    return np.where(valid, (days * 86_400 + seconds) * 1000 + fields["f"], 0)
