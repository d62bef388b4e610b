"""The services of one machine: how each is started, and how one sees that it answers."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from beffroi.project.configuration import Installation, value
from beffroi.project.readiness import accepts_connections, answers_ok, holds_a_lock
from beffroi.project.supervisor import Service

SIMULATOR = "beffroi.project.town.simulator"


def services(installation: Installation, listen_fd: int | None = None) -> list[Service]:
    """The table. The simulator of the demonstration town runs where that town was planted."""
    listening = ("--listen-fd", str(listen_fd)) if listen_fd is not None else ()
    mqtt_host = value("BEFFROI_MQTT_HOST")
    if mqtt_host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        mqtt_host = "127.0.0.1"
    table = [
        Service(
            "web",
            _module("beffroi.project.services.web"),
            answers_ok(installation.run / "web.sock", "/healthz"),
        ),
        Service(
            "live",
            (*_module("beffroi.project.services.live"), *listening),
            answers_ok(installation.run / "live.sock", "/live/healthz"),
            descriptors=(listen_fd,) if listen_fd is not None else (),
        ),
        Service(
            "worker",
            _module("beffroi.project.services.worker"),
            holds_a_lock(installation.run, "worker-*.alive"),
        ),
        Service(
            "intake",
            _module("beffroi.project.services.intake"),
            accepts_connections(mqtt_host, installation.mqtt_port),
        ),
    ]
    if (installation.data / "town.json").exists() and find_spec(SIMULATOR) is not None:
        table.append(Service("town", _module(SIMULATOR), _always))
    return table


def _module(name: str) -> tuple[str, ...]:
    return (sys.executable, "-m", name)


async def _always() -> bool:
    return True
