"""A real PostgreSQL of the suite's own: a private folder, a free port, gone afterwards."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: The server refuses to run as root; what makes tests quick must not be used by the kill tests.
_QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


def binaries() -> Path:
    """The folder of the newest PostgreSQL installed; it is not on Debian's PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if not found:
        raise FileNotFoundError("PostgreSQL is missing. Run: apt-get install postgresql")
    return found[-1].parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def postgresql(*, durable: bool = False) -> Iterator[str]:
    """A running server; gives the URL of an empty database. `durable` keeps fsync on."""
    folder = Path(tempfile.mkdtemp(prefix="beffroi-pg-", dir="/tmp"))
    as_user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        as_user = ["/usr/sbin/runuser", "-u", "postgres", "--"]
    programs = binaries()

    def call(*command: str) -> None:
        subprocess.run([*as_user, *command], check=True, capture_output=True, cwd=folder)

    control = [str(programs / "pg_ctl"), "-D", str(folder / "data"), "-s", "-w"]
    try:
        call(
            str(programs / "initdb"), "-D", str(folder / "data"), "-A", "trust", "-U", "postgres",
            "--no-sync", "--locale=C.UTF-8", "-E", "UTF8",
        )  # fmt: skip
        for attempt in range(5):
            port = free_port()
            options = (
                f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} {'' if durable else _QUICK}"
            )
            try:
                call(*control, "-l", str(folder / "log"), "-o", options, "start")
                break
            except subprocess.CalledProcessError:
                if attempt == 4:
                    raise
        call(
            str(programs / "createdb"),
            "-h",
            "127.0.0.1",
            "-p",
            str(port),
            "-U",
            "postgres",
            "beffroi",
        )
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/beffroi"
        finally:
            call(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
