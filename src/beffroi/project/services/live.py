"""live: the public origin and the hub. `--listen-fd N`: the socket is already open."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from beffroi.base.live.limits import networks
from beffroi.base.live.server import LiveSettings, run
from beffroi.project.configuration import Installation, value


def settings(listen_fd: int | None = None) -> LiveSettings:
    installation = Installation.from_environment()
    certificate, key = value("BEFFROI_TLS_CERT"), value("BEFFROI_TLS_KEY")
    return LiveSettings(
        upstream_socket=installation.run / "web.sock",
        internal_socket=installation.run / "live.sock",
        log_path=installation.data / "hub.sqlite3",
        key=installation.secret("hub").encode(),
        host=value("BEFFROI_HOST"),
        port=installation.port,
        listen_fd=listen_fd,
        tls_cert=Path(certificate) if certificate else None,
        tls_key=Path(key) if key else None,
        trusted_proxies=networks(value("BEFFROI_TRUSTED_PROXY")),
        unlimited=networks(value("BEFFROI_UNLIMITED_ADDRESSES")),
        connections_per_address=int(value("BEFFROI_CONNECTIONS_PER_ADDRESS")),
        requests_per_second=float(value("BEFFROI_REQUESTS_PER_SECOND")),
        request_burst=int(value("BEFFROI_REQUEST_BURST")),
        max_body=int(value("BEFFROI_MAX_UPLOAD_MB")) * 1024 * 1024,
        uploads=max(1, int(value("BEFFROI_WEB_WORKERS")) * int(value("BEFFROI_WEB_THREADS")) // 2),
        keep_seconds=float(value("BEFFROI_HUB_DAYS")) * 86_400,
    )


def main(argv: list[str]) -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    run(settings(int(argv[1]) if argv[:1] == ["--listen-fd"] else None))


if __name__ == "__main__":
    main(sys.argv[1:])
