"""Which workers of this machine live: each holds a lock on a file of its own.

The kernel drops the lock when the worker dies, so the next one to start (or any that looks)
frees the dead one's tasks at once instead of waiting for the end of their leases.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


class Presence:
    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.name = secrets.token_hex(8)
        self._path = folder / f"worker-{self.name}.alive"
        draft = folder / f".{self.name}.alive"
        self._descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        draft.rename(self._path)  # nobody sees it unlocked

    def leave(self) -> None:
        self._path.unlink(missing_ok=True)
        os.close(self._descriptor)


def dead_workers(folder: Path) -> Iterator[str]:
    """Names of workers that ended without leaving. After each was dealt with, it is forgotten."""
    for path in folder.glob("worker-*.alive"):
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        else:
            yield path.stem.removeprefix("worker-")
            path.unlink(missing_ok=True)
            (path.with_suffix(".sock")).unlink(missing_ok=True)
        finally:
            os.close(descriptor)
