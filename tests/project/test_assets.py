"""Browser files: only those of the table are copied, once per lock file, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from beffroi.project import assets


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Path]:
    """npm already ran: its folder has the files of the tables, and others that nobody asked for."""
    modules = tmp_path / "npm" / "node_modules"
    for name in (*assets.SERVED, *assets.TEST_ONLY, "unwanted/source.ts"):
        (modules / name).parent.mkdir(parents=True, exist_ok=True)
        (modules / name).write_text(name)
    asked: list[Path] = []

    def install(folder: Path) -> Path:
        asked.append(folder)
        return modules

    monkeypatch.setattr(assets, "_install", install)
    return asked


def test_only_named_files_are_served_and_the_second_time_nothing_is_fetched(
    fetched: list[Path], tmp_path: Path
) -> None:
    state = tmp_path / "state"
    state.mkdir()
    assert assets.copy_assets(state)
    served = {
        str(path.relative_to(assets.vendor_folder(state)))
        for path in assets.vendor_folder(state).rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }
    assert served == set(assets.SERVED.values())
    assert (assets.test_folder(state) / "axe.min.js").exists()
    assert not assets.copy_assets(state)
    assert len(fetched) == 1


def test_what_was_cut_off_is_done_again(fetched: list[Path], tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    assets.copy_assets(state)
    (assets.vendor_folder(state) / ".stamp").write_text("of an older lock file")
    (assets.vendor_folder(state) / "fonts" / "left-over.woff2").write_text("old")
    assert assets.copy_assets(state)
    assert not (assets.vendor_folder(state) / "fonts" / "left-over.woff2").exists()


def test_a_failed_fetch_says_so_and_keeps_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assets, "_npm", lambda state: ["sh", "-c", "echo 'no route' >&2; exit 1"])
    state = tmp_path / "state"
    (assets.vendor_folder(state)).mkdir(parents=True)
    (assets.vendor_folder(state) / "kept.txt").write_text("here")
    with pytest.raises(SystemExit, match="no route"):
        assets.copy_assets(state)
    assert (assets.vendor_folder(state) / "kept.txt").exists()
