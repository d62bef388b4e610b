"""What the doctor sees on a healthy installation and on broken ones."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from tests.real.certificates import make_certificates

from beffroi.project.configuration import Installation
from beffroi.project.operations import doctor_machine, doctor_network, doctor_settings
from beffroi.project.operations.finding import Finding


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    for name in [name for name in os.environ if name.startswith("BEFFROI_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("BEFFROI_DATA", str(tmp_path / "data"))
    installation = Installation.from_environment()
    installation.create_folders()
    installation.data.chmod(0o750)
    return installation


def levels(check: Callable[[Installation], Iterator[Finding]], place: Installation) -> list[str]:
    findings = list(check(place))
    # What is wrong always comes with what to do.
    assert all(finding.advice for finding in findings if finding.level != "ok")
    return [finding.level for finding in findings]


def test_a_healthy_machine(place: Installation) -> None:
    for check in (
        doctor_machine.python,
        doctor_machine.sqlite,
        doctor_machine.folder,
        doctor_machine.clock,
    ):
        assert set(levels(check, place)) == {"ok"}
    for check in (doctor_machine.space, doctor_machine.disk_speed, doctor_machine.descriptors):
        assert levels(check, place)


def test_a_folder_that_others_may_read(place: Installation) -> None:
    place.data.chmod(0o755)
    assert levels(doctor_machine.folder, place) == ["attention"]
    place.keys.chmod(0o755)
    assert levels(doctor_machine.folder, place) == ["problem"]


def test_a_clock_that_went_back(place: Installation) -> None:
    future = datetime.now(UTC).timestamp() + 3600
    (place.data / "main.sqlite3").touch()
    os.utime(place.data / "main.sqlite3", (future, future))
    assert levels(doctor_machine.clock, place) == ["problem", "ok"]


def test_settings_that_are_unknown(place: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    assert levels(doctor_settings.names, place) == ["ok"]
    monkeypatch.setenv("BEFFROI_PROT", "8000")
    (finding,) = doctor_settings.names(place)
    assert finding.level == "attention"
    assert "BEFFROI_PORT" in finding.advice


@pytest.mark.parametrize(
    "settings",
    [
        {"BEFFROI_WEB_THREADS": "four"},
        {"BEFFROI_TRUSTED_PROXY": "proxy.example"},
        {"BEFFROI_TLS_CERT": "/etc/chain.pem"},
        {"BEFFROI_HOST": "0.0.0.0"},  # noqa: S104 - the very fault that is looked for
        {"BEFFROI_PUBLIC_URL": "https://ville.example", "BEFFROI_DEMO": "0"},
        {"BEFFROI_PUBLIC_URL": "https://ville.example", "BEFFROI_TRUSTED_PROXY": "::1", "BEFFROI_DEMO": "0",
         "BEFFROI_DEBUG": "1"},
    ],
)  # fmt: skip
def test_settings_that_make_no_sense(
    place: Installation, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]
) -> None:
    assert levels(doctor_settings.values, place) == []
    for name, text in settings.items():
        monkeypatch.setenv(name, text)
    changed = replace(place, public_url=settings.get("BEFFROI_PUBLIC_URL", place.public_url))
    assert levels(doctor_settings.values, changed) == ["problem"]


def test_a_port_that_is_taken(place: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = replace(place, port=other.getsockname()[1])
        assert levels(doctor_network.ports, taken)[0] == "problem"
        # Unless it is this very town that holds it.
        with socket.socket(socket.AF_UNIX) as live:
            live.bind(str(place.run / "live.sock"))
            live.listen()
            assert levels(doctor_network.ports, taken)[0] == "ok"


@pytest.mark.parametrize(("days", "level"), [(90, "ok"), (5, "attention"), (-1, "problem")])
def test_a_certificate_by_its_age(
    place: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, level: str
) -> None:
    files = make_certificates(tmp_path, days)
    monkeypatch.setenv("BEFFROI_TLS_CERT", str(files.chain))
    monkeypatch.setenv("BEFFROI_TLS_KEY", str(files.key))
    assert levels(doctor_network.certificate, place) == [level]


def test_a_key_of_another_certificate(
    place: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    monkeypatch.setenv("BEFFROI_TLS_CERT", str(make_certificates(tmp_path / "a").chain))
    monkeypatch.setenv("BEFFROI_TLS_KEY", str(make_certificates(tmp_path / "b").key))
    assert levels(doctor_network.certificate, place) == ["problem"]


class Deaf:
    """A mail server that answers every command with an error."""

    async def handle_NOOP(self, *_: object) -> str:  # noqa: N802 - aiosmtpd's name
        return "451 later"


@pytest.mark.parametrize(("handler", "level"), [(object(), "ok"), (Deaf(), "problem")])
def test_a_mail_server_that_speaks(
    place: Installation, monkeypatch: pytest.MonkeyPatch, handler: object, level: str
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        monkeypatch.setenv("BEFFROI_SMTP_URL", f"smtp://127.0.0.1:{port}")
        assert levels(doctor_network.mail, place) == [level]
    finally:
        controller.stop()
    assert levels(doctor_network.mail, place) == ["problem"]


def test_a_mail_server_that_is_not_set_or_misspelt(
    place: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert levels(doctor_network.mail, place) == ["attention"]
    monkeypatch.setenv("BEFFROI_SMTP_URL", "mail.example:25")
    assert levels(doctor_network.mail, place) == ["problem"]
