"""The systemd units, read by systemd itself."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.real.whole_town import beffroi

NAMES = [
    "beffroi-prepare.service",
    *(f"beffroi-{name}.service" for name in ("intake", "live", "web", "worker")),
]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    folder = tmp_path / "units"
    folder.mkdir()
    data = tmp_path / "data"
    data.mkdir()
    done = beffroi(
        data, "service", "install", "--folder", str(folder), "--environment", str(tmp_path / "beffroi.env"),
        "--user", getpass.getuser(), BEFFROI_PORT="8123", BEFFROI_SMTP_URL="smtp://mail.example",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "systemctl enable --now beffroi.target" in done.stdout
    return folder


def test_one_unit_per_process(written: Path) -> None:
    assert sorted(path.name for path in written.iterdir()) == sorted([*NAMES, "beffroi.target"])
    assert all(name in (written / "beffroi.target").read_text() for name in NAMES)
    settings = (written.parent / "beffroi.env").read_text()
    assert 'BEFFROI_SMTP_URL="smtp://mail.example"' in settings
    assert (written.parent / "beffroi.env").stat().st_mode & 0o077 == 0


@pytest.mark.peer
def test_systemd_accepts_them(written: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.fail("systemd-analyze is missing: apt-get install systemd")
    checked = subprocess.run(
        [
            program,
            "verify",
            "--recursive-errors=no",
            *(str(written / name) for name in [*NAMES, "beffroi.target"]),
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{written}:/lib/systemd/system"},
        check=False,
    )
    about_ours = [line for line in checked.stderr.splitlines() if "beffroi" in line]
    assert checked.returncode == 0, checked.stderr
    assert about_ours == []


@pytest.mark.peer
@pytest.mark.parametrize("name", ["beffroi-live.service", "beffroi-web.service"])
def test_their_exposure_is_low(written: Path, name: str) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.fail("systemd-analyze is missing: apt-get install systemd")
    rated = subprocess.run(
        [program, "security", "--offline=true", "--threshold=40", str(written / name)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert rated.returncode == 0, rated.stdout[-500:]


def test_a_user_that_does_not_exist(tmp_path: Path) -> None:
    refused = beffroi(
        tmp_path, "service", "install", "--folder", str(tmp_path), "--user", "nobody-of-that-name"
    )
    assert refused.returncode == 1
    assert "adduser" in refused.stderr
