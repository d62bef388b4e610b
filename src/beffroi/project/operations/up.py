"""`beffroi up`: prepares the data folder, then runs the town under one supervisor."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import fcntl
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from beffroi.base.live.server import public_socket
from beffroi.project.configuration import Installation, value
from beffroi.project.guard import Guard
from beffroi.project.operations import stamp
from beffroi.project.services.table import services
from beffroi.project.supervisor import Supervisor

LONGEST_SOCKET_PATH = 107
"""Bytes the kernel allows for the address of a unix socket."""


class CannotStart(Exception):
    """What prevents the start, and what to do, in words for the person at the keyboard."""


def run(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="beffroi up", description=__doc__)
    parser.add_argument(
        "--verbose", action="store_true", help="montre toutes les lignes des journaux"
    )
    options = parser.parse_args(argv)
    try:
        return _up(Installation.from_environment(), options.verbose)
    except CannotStart as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _up(installation: Installation, verbose: bool) -> int:
    os.umask(0o077)  # what the services write is theirs alone
    installation.create_folders()
    _check_socket_path(installation.run / "worker-0123456789abcdef.sock")
    lock = lock_data(installation.data)
    guard = Guard(kept=(lock,))
    listener = _listen(installation)
    _prepare(installation)
    table = services(installation, listener.fileno())
    supervisor = Supervisor(table, guard, installation.data / "logs", verbose)
    status = asyncio.run(supervisor.run(lambda: _welcome(installation)))
    guard.leave()
    listener.close()
    os.close(lock)
    return status


def lock_data(data: Path, patience: float = 3.0) -> int:
    """Take the data folder for this process: a descriptor to keep open.

    A little patience, because the guard of a killed supervisor holds it while it clears away.
    """
    path = data / "run" / "supervisor.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    end = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() >= end:
                holder = os.read(descriptor, 32).decode().strip() or "?"
                os.close(descriptor)
                raise CannotStart(
                    f"Une ville tourne déjà sur {data} (processus {holder}).\n"
                    f"Arrêtez-la (kill {holder}), ou choisissez un autre dossier : --data DOSSIER --port PORT"
                ) from None
            time.sleep(0.05)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor


def _check_socket_path(path: Path) -> None:
    if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
        raise CannotStart(
            f"Le chemin du dossier de données est trop long pour ses prises locales : {path}\n"
            "Choisissez un dossier plus court : --data DOSSIER"
        )


def _listen(installation: Installation) -> socket.socket:
    """Open the public port here, so that it stays open while `live` restarts."""
    host = value("BEFFROI_HOST")
    try:
        return public_socket(host, installation.port)
    except OSError as error:
        port = installation.port
        advice = {
            errno.EADDRINUSE: f"Le port {port} est déjà pris. Choisissez-en un autre : --port {port + 1}",
            errno.EACCES: f"Le port {port} est réservé à l’administrateur. "
            "Choisissez-en un au-dessus de 1024 : --port 8000",
            errno.EADDRNOTAVAIL: f"L’adresse {host} n’est pas celle de cette machine. Corrigez BEFFROI_HOST.",
        }.get(
            error.errno or 0,
            f"L’adresse {host}, port {port}, ne peut pas être ouverte : {error.strerror}",
        )
        raise CannotStart(advice) from error


def _prepare(installation: Installation) -> None:
    """Bring the database up to date, in a process of its own: the supervisor stays small."""
    if stamp.is_current(installation):
        return
    command = [sys.executable, "-m", "beffroi.project.operations.upgrade"]
    if subprocess.call(command) != 0:  # noqa: S603 - our own module
        raise CannotStart("La base n’a pas pu être mise à jour. Rien n’est démarré.")


def _welcome(installation: Installation) -> None:
    lines = [f"Beffroi est prêt : {installation.public_url}/"]
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        town = json.loads((installation.data / "town.json").read_text())
        accounts = [f"  {account['email']:<32} {account['role']}" for account in town["accounts"]]
        password = installation.demo_password
        lines += [f"Comptes de démonstration (mot de passe : {password})", *accounts]
    lines.append("Pour arrêter : Ctrl-C")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
