"""What protects a town that nobody has configured yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from beffroi.project.configuration import Installation

NAMES = ("HOST", "PUBLIC_URL", "DEMO_PASSWORD", "TLS_CERT")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in NAMES:
        monkeypatch.delenv(f"BEFFROI_{name}", raising=False)
    monkeypatch.setenv("BEFFROI_DATA", str(tmp_path / "town"))
    return tmp_path / "town"


def test_the_published_password_serves_this_machine_only(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Installation.from_environment().demo_password == "beffroi-demo"
    monkeypatch.setenv("BEFFROI_DEMO_PASSWORD", "choisi par la ville")
    monkeypatch.setenv("BEFFROI_HOST", "192.0.2.1")
    assert Installation.from_environment().demo_password == "choisi par la ville"


@pytest.mark.parametrize(
    ("name", "text"),
    [("HOST", "192.0.2.1"), ("HOST", "::"), ("PUBLIC_URL", "https://ville.example")],
)
def test_a_town_that_others_reach_has_a_password_of_its_own(
    place: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    monkeypatch.setenv(f"BEFFROI_{name}", text)
    made = Installation.from_environment().demo_password
    assert len(made) >= 32
    assert made == Installation.from_environment().demo_password


def test_a_new_data_folder_is_its_account_s_alone(place: Path) -> None:
    Installation.from_environment().create_folders()
    assert place.stat().st_mode & 0o077 == 0
    assert (place / "keys").stat().st_mode & 0o077 == 0
