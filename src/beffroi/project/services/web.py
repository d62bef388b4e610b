"""web: Django under WSGI, on a unix socket that only `live` reaches."""

from __future__ import annotations

from granian import Granian
from granian.constants import Interfaces

from beffroi.project.configuration import Installation, value


def main() -> None:
    socket_path = Installation.from_environment().run / "web.sock"
    socket_path.unlink(missing_ok=True)  # a stale one makes granian panic
    Granian(
        "beffroi.project.wsgi:application",
        uds=socket_path,
        uds_permissions=0o600,
        interface=Interfaces.WSGI,
        workers=int(value("BEFFROI_WEB_WORKERS")),
        blocking_threads=int(value("BEFFROI_WEB_THREADS")),
        websockets=False,
        backlog=4096,
        respawn_failed_workers=True,
        respawn_interval=1.0,
        workers_kill_timeout=8,
    ).serve()


if __name__ == "__main__":
    main()
