"""The printed configurations run by the real nginx and caddy, and TLS in `live` itself."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.base.live.conftest import Origin, start_origin
from tests.project.processes import wait_until

from beffroi.project.operations.proxy import Front, caddy, nginx

from .certificates import Certificates, make_certificates
from .whole_town import beffroi, free_port

__all__ = ["start_origin"]
pytestmark = pytest.mark.peer


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def origin(start_origin: Callable[..., Origin]) -> Origin:
    return start_origin(web=True, trusted_proxies="127.0.0.1, ::1")


@contextmanager
def listening(command: list[str], port: int, log: Path, **environment: str) -> Iterator[None]:
    """A server in the foreground, from the moment it accepts until it is stopped."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, **environment},
        )

        def accepts() -> bool:
            assert process.poll() is None, log.read_text()
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        try:
            wait_until(accepts)
            yield
        finally:
            process.terminate()
            process.wait(timeout=20)


def program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if found is None:
        pytest.fail(f"{name} is missing: apt-get install {name}")
    return found


@pytest.fixture(scope="module")
def behind_nginx(
    origin: Origin, certificates: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("nginx")
    front = Front(
        "localhost", f"127.0.0.1:{origin.port}", str(certificates.chain), str(certificates.key),
        http_port=free_port(), https_port=free_port(), upload_mb=64,
    )  # fmt: skip
    (folder / "beffroi.conf").write_text(nginx(front))
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""  # the certificates of a test are private
    (folder / "nginx.conf").write_text(
        f"{user}daemon off;\npid {folder}/pid;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}include {folder}/beffroi.conf;\n}}\n"
    )
    command = [program("nginx"), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
    with listening(command, front.https_port, folder / "output"):
        yield front


@pytest.fixture(scope="module")
def behind_caddy(
    origin: Origin, certificates: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("caddy")
    front = Front(
        "localhost", f"127.0.0.1:{origin.port}", str(certificates.chain), str(certificates.key),
        http_port=free_port(), https_port=free_port(), upload_mb=64,
    )  # fmt: skip
    # The administration port is a detail of the test: two caddies may run on one machine.
    (folder / "Caddyfile").write_text(caddy(front).replace("{\n", "{\n    admin off\n", 1))
    command = [
        program("caddy"),
        "run",
        "--config",
        str(folder / "Caddyfile"),
        "--adapter",
        "caddyfile",
    ]
    with listening(command, front.https_port, folder / "output", HOME=str(folder)):
        yield front


@pytest.fixture(scope="module")
def direct(
    start_origin: Callable[..., Origin], origin: Origin, certificates: Certificates
) -> Front:
    """TLS in `live` itself."""
    secure = start_origin(
        upstream_socket=str(origin.web_socket),
        tls_cert=str(certificates.chain),
        tls_key=str(certificates.key),
    )
    secure.options["internal"] = str(secure.internal)
    _INTERNAL[secure.port] = secure
    return Front("localhost", "", https_port=secure.port)


_INTERNAL: dict[int, Origin] = {}


@pytest.fixture(params=["nginx", "caddy", "direct"])
def front(request: pytest.FixtureRequest) -> Front:
    name = request.param if request.param == "direct" else f"behind_{request.param}"
    found: Front = request.getfixturevalue(name)
    return found


def connect(front: Front, certificates: Certificates) -> http.client.HTTPSConnection:
    context = ssl.create_default_context(cafile=str(certificates.authority))
    return http.client.HTTPSConnection("localhost", front.https_port, timeout=20, context=context)


def test_a_page_over_tls_and_what_web_is_told(front: Front, certificates: Certificates) -> None:
    connection = connect(front, certificates)
    forged = {
        "X-Forwarded-For": "192.0.2.7",
        "X-Forwarded-Proto": "http",
        "X_Forwarded_For": "192.0.2.7",
    }
    connection.request("GET", "/echo", headers=forged)
    answer = connection.getresponse()
    environ = json.loads(answer.read())
    assert answer.status == 200
    assert environ["HTTP_X_FORWARDED_PROTO"] == "https"
    assert environ["HTTP_X_FORWARDED_FOR"] == "unknown, 127.0.0.1"
    assert environ["HTTP_HOST"] == f"localhost:{front.https_port}"
    assert "192.0.2.7" not in json.dumps(environ)


def test_an_event_passes_at_once(front: Front, origin: Origin, certificates: Certificates) -> None:
    connection = connect(front, certificates)
    connection.request(
        "GET", "/.well-known/mercure?topic=/proxy", headers={"Accept-Encoding": "gzip"}
    )
    stream = connection.getresponse()
    assert stream.status == 200
    assert stream.getheader("content-encoding") is None
    assert stream.readline().startswith(b"retry: ")
    hub = _INTERNAL.get(front.https_port, origin)
    event = f"through-{front.https_port}"
    hub.publish("/proxy", "hello", event)
    lines = [stream.readline() for _ in range(3)]
    assert f"id: {event}\n".encode() in lines
    assert b"data: hello\n" in lines
    connection.close()


def test_a_long_upload_passes_whole(front: Front, certificates: Certificates) -> None:
    body = os.urandom(20 * 1024 * 1024)
    connection = connect(front, certificates)
    connection.request("POST", "/hash", body=body)
    assert connection.getresponse().read().decode() == hashlib.sha256(body).hexdigest()


def test_a_renewed_certificate_is_taken_without_a_restart(
    start_origin: Callable[..., Origin], tmp_path: Path
) -> None:
    files = make_certificates(tmp_path, days=5)
    origin = start_origin(
        tls_cert=str(files.chain), tls_key=str(files.key), certificate_interval=0.05
    )
    front = Front("localhost", "", https_port=origin.port)

    def shown() -> bytes | None:
        connection = connect(front, files)
        connection.connect()
        assert isinstance(connection.sock, ssl.SSLSocket)
        return connection.sock.getpeercert(binary_form=True)

    before = shown()
    renewed = tmp_path / "renewed"
    renewed.mkdir()
    fresh = make_certificates(renewed, days=90)
    # As a renewal does: the authority is the same in life, here it is trusted by exchanging it too.
    for new, old in (
        (fresh.authority, files.authority),
        (fresh.key, files.key),
        (fresh.chain, files.chain),
    ):
        new.replace(old)

    def is_new() -> bool:
        try:
            return shown() != before
        except ssl.SSLCertVerificationError:
            return False  # still the former one, whose authority is gone

    wait_until(is_new)


def test_plain_http_is_sent_to_https(behind_nginx: Front) -> None:
    connection = http.client.HTTPConnection("localhost", behind_nginx.http_port, timeout=20)
    connection.request("GET", "/annonces/?a=b", headers={"Host": "localhost"})
    answer = connection.getresponse()
    assert answer.status == 308
    assert (
        answer.getheader("location") == f"https://localhost:{behind_nginx.https_port}/annonces/?a=b"
    )


def test_the_command_prints_what_the_servers_read(tmp_path: Path) -> None:
    for server in ("nginx", "caddy"):
        printed = beffroi(
            tmp_path, "proxy", server, "--name", "services.ville.example", "--port", "8123"
        )
        assert printed.returncode == 0
        assert "services.ville.example" in printed.stdout
        assert "127.0.0.1:8123" in printed.stdout
    assert beffroi(tmp_path, "proxy", "apache").returncode == 2
