"""CSV files of readings, read by columns: no loop over the rows unless a row is wrong."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

SAMPLE = 65_536
PIECE = 4 * 1024 * 1024
LONGEST_CELL = 64
LONGEST_LINE = 1024 * 1024
SEPARATORS = ";\t,|"
_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009'")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written; found by `sniff` where it is not stated."""

    encoding: str
    separator: str
    decimal: str
    header: tuple[str, ...]


@dataclass(slots=True)
class Columns:
    """One piece of the file: the line of each good row, its cells by column, and the refused lines.

    `done` is how far the file is read, in bytes of the stored (compressed) file.
    """

    lines: NDArray[np.int64]
    cells: dict[str, list[str]]
    refused: list[tuple[int, str]] = field(default_factory=list)
    done: int = 0


def sniff(path: Path, encoding: str = "", separator: str = "", decimal: str = "") -> Dialect:
    """The dialect of a file, `.gz` or not; what is stated is believed.

    UTF-8 if the beginning is valid UTF-8, else Latin-1 (Windows-1252). Raises ValueError for a file
    without a header of two columns, OSError for one that cannot be read.
    """
    with path.open("rb") as stored, _unpacked(stored, path) as stream:
        sample = stream.read(SAMPLE)
    encoding = encoding or _encoding_of(sample)
    text = sample.decode(encoding, "replace").lstrip("\ufeff")
    lines = _lines(text) or [""]
    separator = separator or max(SEPARATORS, key=lines[0].count)
    header = tuple(cell.strip() for cell in next(csv.reader([lines[0]], delimiter=separator), []))
    if len(header) < 2:
        raise ValueError("header")
    if not decimal:
        comma = any(re.search(r"\d,\d", line) for line in lines[1:200])
        decimal = "," if separator != "," and comma else "."
    return Dialect(encoding, separator, decimal, header)


def read_columns(path: Path, dialect: Dialect, wanted: Sequence[str]) -> Iterator[Columns]:
    """The wanted columns, piece by piece of some megabytes. A row with too few or too many cells, or
    with a cell of more than 64 characters, is refused ("cells", "long"); empty lines are passed over.

    Raises ValueError for a line of more than a megabyte, OSError or EOFError for a broken file.
    """
    with path.open("rb") as stored, _unpacked(stored, path) as stream:
        line, rest = 1, b""
        while True:
            block = stream.read(PIECE)
            piece = rest + block
            if block:
                cut = piece.rfind(b"\n") + 1
                piece, rest = piece[:cut], piece[cut:]
                if len(rest) > LONGEST_LINE:
                    raise ValueError("line")
            if piece:
                text = piece.decode(dialect.encoding, "replace")
                rows = _lines(text)
                columns = _columns(rows, line, dialect, wanted)
                columns.done = stored.tell()
                line += len(rows)
                yield columns
            if not block:
                return


def numbers(cells: list[str], decimal: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The values of a column and which cells hold something; NaN where they are no finite number.

    Spaces between thousands are accepted. An empty cell is a missing reading, not a wrong one.
    """
    texts = [cell.replace(",", ".") for cell in cells] if decimal == "," else cells
    try:
        values = np.array(texts, dtype=np.float64)
        held = np.ones(len(texts), dtype=np.bool_)
    except ValueError:
        values = np.array([_number(text) for text in texts], dtype=np.float64)
        held = np.array([bool(text.strip()) for text in texts], dtype=np.bool_)
    return np.where(np.isfinite(values), values, np.nan), held


def _number(text: str) -> float:
    try:
        return float(text.translate(_SPACES))
    except ValueError:
        return float("nan")


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


def _unpacked(stored: BinaryIO, path: Path) -> AbstractContextManager[BinaryIO]:
    if not _is_gzip(path):
        return nullcontext(stored)
    return cast(AbstractContextManager[BinaryIO], gzip.GzipFile(fileobj=stored))


def _encoding_of(sample: bytes) -> str:
    try:
        # The sample may end inside a character.
        sample[: sample.rfind(b"\n") + 1 or None].decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig" if sample.startswith(b"\xef\xbb\xbf") else "utf-8"


def _lines(text: str) -> list[str]:
    """Rows of a text; not `splitlines`, which also cuts at characters that cells may hold."""
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return rows[:-1] if rows and not rows[-1] else rows


def _columns(rows: list[str], first: int, dialect: Dialect, wanted: Sequence[str]) -> Columns:
    width = len(dialect.header)
    numbers_of_lines = np.arange(first, first + len(rows))
    if first == 1:
        rows, numbers_of_lines = rows[1:], numbers_of_lines[1:]
    refused: list[tuple[int, str]] = []
    cells: list[str] = []
    if any('"' in row for row in rows) or not _regular(rows, dialect.separator, width):
        kept = []
        reader = (next(csv.reader([row], delimiter=dialect.separator), []) for row in rows)
        for line, row in zip(numbers_of_lines.tolist(), reader, strict=True):
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != width:
                refused.append((line, "cells"))
            elif max(map(len, row)) > LONGEST_CELL:
                refused.append((line, "long"))
            else:
                kept.append(line)
                cells += row
        numbers_of_lines = np.array(kept, dtype=np.int64)
    elif rows:
        cells = dialect.separator.join(rows).split(dialect.separator)
    places = {name: dialect.header.index(name) for name in wanted}
    return Columns(
        numbers_of_lines, {name: cells[place::width] for name, place in places.items()}, refused
    )


def _regular(rows: list[str], separator: str, width: int) -> bool:
    """All rows have the header's number of cells, none of them long: the piece can be cut at once."""
    cells = [row.count(separator) for row in rows]
    return (
        set(cells) <= {width - 1}
        and max(map(len, separator.join(rows).split(separator))) <= LONGEST_CELL
    )
