"""The log file of one service: everything goes there, only what matters reaches the console."""

from __future__ import annotations

import re
import sys
from pathlib import Path

_WORTH_SHOWING = re.compile(r"\b(?:WARNING|WARN|ERROR|CRITICAL|FATAL|Traceback)\b")


class ServiceLog:
    """Appends lines to `folder/name.log`; past `largest` bytes the file becomes `.1`, `.1` becomes `.2`…"""

    def __init__(
        self,
        folder: Path,
        name: str,
        verbose: bool = False,
        largest: int = 5 * 1024 * 1024,
        kept: int = 3,
    ) -> None:
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        self.path = folder / f"{name}.log"
        self._name = name
        self._verbose = verbose
        self._largest = largest
        self._kept = kept
        self._file = self.path.open("ab", buffering=0)
        self._size = self._file.tell()

    def write(self, line: bytes) -> None:
        if not line.endswith(b"\n"):
            line += b"\n"
        if self._size + len(line) > self._largest:
            self._rotate()
        try:
            self._file.write(line)
            self._size += len(line)
        except OSError as error:  # a full disk must not stop the town
            self._show(f"journal non écrit : {error}")
        text = line.decode("utf-8", "replace").rstrip()
        if self._verbose or _WORTH_SHOWING.search(text):
            self._show(text)

    def close(self) -> None:
        self._file.close()

    def _show(self, text: str) -> None:
        sys.stderr.write(f"{self._name:>7} │ {text}\n")

    def _rotate(self) -> None:
        self._file.close()
        for number in range(self._kept - 1, 0, -1):
            older = self.path.with_suffix(f".log.{number}")
            if older.exists():
                older.replace(self.path.with_suffix(f".log.{number + 1}"))
        self.path.replace(self.path.with_suffix(".log.1"))
        self._file = self.path.open("ab", buffering=0)
        self._size = 0
