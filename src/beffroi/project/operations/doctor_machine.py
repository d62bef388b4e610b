"""The machine: Python, SQLite, the data folder, the disk, the clock, the limits."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from beffroi.project.configuration import Installation
from beffroi.project.operations.finding import Finding

OLDEST_PYTHON = (3, 11)
OLDEST_SQLITE = (3, 40, 0)
LOW_SPACE = 5 * 1024**3
NO_SPACE = 512 * 1024**2
FSYNC_TRIALS = 40
SLOW_FSYNC_MS = 15.0
VERY_SLOW_FSYNC_MS = 60.0
WANTED_DESCRIPTORS = 4096
PROGRAM_WRITTEN = datetime(2026, 11, 1, tzinfo=UTC)


def python(_: Installation) -> Iterator[Finding]:
    text = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        yield Finding("problem", "Python", text, "Installez Python 3.11 ou plus récent.")
    else:
        yield Finding("ok", "Python", text)


def sqlite(_: Installation) -> Iterator[Finding]:
    subject = "SQLite"
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        yield Finding(
            "problem",
            subject,
            sqlite3.sqlite_version,
            "Il faut SQLite 3.40 ou plus récent (Debian 12).",
        )
        return
    memory = sqlite3.connect(":memory:")
    try:
        memory.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT) STRICT")
        memory.execute("INSERT INTO t (b) VALUES (json('[1]')) RETURNING a")
    except sqlite3.OperationalError as error:
        yield Finding(
            "problem",
            subject,
            f"une fonction manque : {error}",
            "Prenez le Python de votre distribution.",
        )
    else:
        yield Finding("ok", subject, f"{sqlite3.sqlite_version} (JSON, RETURNING, STRICT)")
    finally:
        memory.close()


def folder(installation: Installation) -> Iterator[Finding]:
    subject, data = "Dossier de données", installation.data
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        yield Finding(
            "problem", subject, f"{data} n’est pas accessible", f"chown -R {_me()} {data}"
        )
        return
    foreign = [path for path in _persistent(data) if path.stat().st_uid != os.geteuid()]
    if foreign:
        yield Finding(
            "problem",
            subject,
            f"{foreign[0]} appartient à un autre compte",
            f"chown -R {_me()} {data}",
        )
    for private in (installation.run, installation.keys):
        if private.exists() and private.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield Finding(
                "problem",
                subject,
                f"{private} est ouvert à d’autres comptes",
                f"chmod 700 {private}",
            )
            return
    if data.stat().st_mode & stat.S_IRWXO:
        yield Finding(
            "attention", subject, f"{data} est lisible par tous les comptes", f"chmod 750 {data}"
        )
    elif not foreign:
        yield Finding("ok", subject, str(data))


def _persistent(data: Path) -> list[Path]:
    return [data, *sorted(data.glob("*.sqlite3")), *sorted((data / "keys").glob("*"))]


def _me() -> str:
    return f"{os.geteuid()}:{os.getegid()}"


def space(installation: Installation) -> Iterator[Finding]:
    subject = "Place sur le disque"
    free = shutil.disk_usage(installation.data).free
    text = f"{free / 1024**3:.1f} Gio libres"
    advice = "Libérez de la place ou déplacez le dossier de données (BEFFROI_DATA)."
    if free < NO_SPACE:
        yield Finding("problem", subject, text, advice)
    elif free < LOW_SPACE:
        yield Finding("attention", subject, text, advice)
    else:
        yield Finding("ok", subject, text)
    inodes = os.statvfs(installation.data)
    if inodes.f_files and inodes.f_favail < 10_000:
        yield Finding(
            "problem",
            subject,
            f"{inodes.f_favail} fichiers possibles encore",
            "Supprimez de vieux fichiers.",
        )


def disk_speed(installation: Installation) -> Iterator[Finding]:
    """Each booking waits for the disk to say that it has written: how long is that?"""
    subject = "Écriture durable"
    descriptor, name = tempfile.mkstemp(dir=installation.data, prefix=".doctor-")
    durations = []
    try:
        for _ in range(FSYNC_TRIALS):
            os.write(descriptor, b"x" * 4096)
            started = time.perf_counter()
            os.fdatasync(descriptor)
            durations.append((time.perf_counter() - started) * 1000)
    except OSError as error:
        yield Finding(
            "problem",
            subject,
            f"le disque refuse : {error.strerror}",
            "Vérifiez le disque et sa place.",
        )
        return
    finally:
        os.close(descriptor)
        Path(name).unlink()
    median = sorted(durations)[len(durations) // 2]
    text = f"{median:.1f} ms par écriture, soit {1000 / max(median, 0.01):.0f} par seconde"
    if median > VERY_SLOW_FSYNC_MS:
        yield Finding(
            "problem",
            subject,
            text,
            "Un disque local (SSD) est nécessaire ; évitez un partage réseau.",
        )
    elif median > SLOW_FSYNC_MS:
        yield Finding(
            "attention", subject, text, "Un SSD local rendra les réservations plus rapides."
        )
    else:
        yield Finding("ok", subject, text)


def clock(installation: Installation) -> Iterator[Finding]:
    subject = "Horloge"
    now = datetime.now(UTC)
    newest = max(
        (
            datetime.fromtimestamp(path.stat().st_mtime, UTC)
            for path in installation.data.glob("*.sqlite3*")
        ),
        default=now,
    )
    if now < PROGRAM_WRITTEN:
        yield Finding(
            "problem",
            subject,
            f"{now:%Y-%m-%d %H:%M} UTC est dans le passé",
            "timedatectl set-ntp true",
        )
    elif (newest - now).total_seconds() > 60:
        yield Finding(
            "problem", subject, f"les données sont datées de {newest:%Y-%m-%d %H:%M} UTC, dans le futur",
            "L’horloge a reculé : timedatectl set-ntp true, puis attendez l’heure juste.",
        )  # fmt: skip
    else:
        yield Finding("ok", subject, f"{now:%Y-%m-%d %H:%M:%S} UTC")
    try:
        summer = datetime(2026, 7, 1, tzinfo=ZoneInfo("Europe/Paris")).utcoffset()
        winter = datetime(2026, 12, 1, tzinfo=ZoneInfo("Europe/Paris")).utcoffset()
    except ZoneInfoNotFoundError:
        yield Finding("problem", "Fuseaux horaires", "absents", "Installez le paquet tzdata.")
        return
    if summer == winter:
        yield Finding(
            "problem",
            "Fuseaux horaires",
            "Europe/Paris n’a pas d’heure d’été",
            "Mettez tzdata à jour.",
        )
    else:
        yield Finding("ok", "Fuseaux horaires", "Europe/Paris connaît ses deux heures")


def descriptors(_: Installation) -> Iterator[Finding]:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    text = "sans limite" if hard == resource.RLIM_INFINITY else f"{hard} au plus"
    if hard != resource.RLIM_INFINITY and hard < WANTED_DESCRIPTORS:
        yield Finding(
            "attention",
            "Connexions ouvertes",
            text,
            "Augmentez LimitNOFILE (systemd) ou ulimit -Hn à 20000.",
        )
    else:
        yield Finding("ok", "Connexions ouvertes", text)
