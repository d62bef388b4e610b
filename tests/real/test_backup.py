"""Backup while the town writes, restore elsewhere, upgrade and way back."""

from __future__ import annotations

import io
import json
import sqlite3
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from beffroi.base.live import client
from beffroi.project.operations.archive import BadArchive, unpack

from .whole_town import WholeTown, beffroi, empty_town

pytestmark = pytest.mark.peer


@pytest.fixture
def data() -> Iterator[Path]:
    town = WholeTown()
    yield town.folder
    town.remove()


def rows(database: Path, table: str) -> int:
    with sqlite3.connect(database) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - a constant


def manifest(archive: Path) -> dict[str, dict[str, object]]:
    with tarfile.open(archive) as tar:
        member = tar.extractfile("manifest.json")
        assert member is not None
        return {entry["path"]: entry for entry in json.load(member)["entries"]}


def test_a_running_town_is_saved_and_put_back(tmp_path: Path) -> None:
    town = WholeTown().start().ready()
    archive = tmp_path / "ville.beffroi.tar"
    stop = threading.Event()
    published: list[str] = []

    def publish() -> None:
        while not stop.is_set():
            published.append(
                client.publish(
                    town.folder / "run" / "live.sock", ["/busy"], "x", id=f"b-{len(published)}"
                )
            )

    (town.folder / "files").mkdir(exist_ok=True)
    (town.folder / "files" / "piece jointe.txt").write_text("déposé par un usager")
    writer = threading.Thread(target=publish)
    writer.start()
    try:
        acknowledged_before = len(published)
        saved = beffroi(town.folder, "backup", str(archive))
        assert saved.returncode == 0, saved.stderr
    finally:
        stop.set()
        writer.join()
        town.remove()
    assert archive.stat().st_mode & 0o077 == 0
    entries = manifest(archive)
    assert {"main.sqlite3", "hub.sqlite3", "keys/hub", "files/piece jointe.txt"} <= set(entries)

    target = tmp_path / "ailleurs"
    restored = beffroi(tmp_path, "restore", str(archive), "--data", str(target))
    assert restored.returncode == 0, restored.stderr
    assert rows(target / "hub.sqlite3", "event") == entries["hub.sqlite3"]["rows"]["event"]  # type: ignore[index]
    assert rows(target / "hub.sqlite3", "event") >= acknowledged_before
    assert rows(target / "main.sqlite3", "django_migrations") > 0
    assert (target / "files" / "piece jointe.txt").read_text() == "déposé par un usager"
    assert (target / "keys" / "hub").stat().st_mode & 0o077 == 0

    again = WholeTown(target)
    try:
        again.start().ready()
        assert again.get("/healthz").status == 200
    finally:
        again.remove()


def test_a_town_that_runs_is_not_overwritten(tmp_path: Path) -> None:
    town = WholeTown().start().ready()
    archive = tmp_path / "ville.beffroi.tar"
    try:
        assert beffroi(town.folder, "backup", str(archive)).returncode == 0
        refused = beffroi(
            tmp_path, "restore", str(archive), "--data", str(town.folder), "--replace"
        )
        assert refused.returncode == 1
        assert "tourne déjà" in refused.stderr
        assert town.get("/healthz").status == 200
    finally:
        town.remove()


def test_a_folder_that_is_not_empty_needs_a_word(data: Path, tmp_path: Path) -> None:
    archive = tmp_path / "ville.beffroi.tar"
    assert beffroi(data, "backup", str(archive)).returncode == 0
    (data / "files").mkdir(exist_ok=True)
    (data / "files" / "later.txt").write_text("after the backup")
    (data / "backups").mkdir(exist_ok=True)
    (data / "backups" / "kept").write_text("stays")

    refused = beffroi(data, "restore", str(archive), "--data", str(data))
    assert refused.returncode == 1
    assert "--replace" in refused.stderr
    assert (data / "files" / "later.txt").exists()

    replaced = beffroi(data, "restore", str(archive), "--data", str(data), "--replace")
    assert replaced.returncode == 0, replaced.stderr
    assert not (data / "files" / "later.txt").exists()
    assert (data / "backups" / "kept").read_text() == "stays"
    assert [path for path in data.parent.iterdir() if path.name.startswith(f".{data.name}-")] == []


def test_an_archive_is_never_overwritten_nor_half_written(data: Path, tmp_path: Path) -> None:
    archive = tmp_path / "ville.beffroi.tar"
    archive.write_text("precious")
    assert beffroi(data, "backup", str(archive)).returncode == 1
    assert archive.read_text() == "precious"
    assert beffroi(data, "backup", str(tmp_path / "nowhere" / "a.tar")).returncode == 1
    (data / "main.sqlite3").write_bytes(b"SQLite format 3\0 but not really" * 100)
    broken = beffroi(data, "backup", str(tmp_path / "b.tar"))
    assert broken.returncode == 1
    assert [path.name for path in tmp_path.iterdir()] == ["ville.beffroi.tar"]


@pytest.mark.parametrize(
    "damage", ["content", "missing", "foreign", "no manifest", "not an archive", "escape"]
)
def test_a_damaged_archive_changes_nothing(data: Path, tmp_path: Path, damage: str) -> None:
    good, bad = tmp_path / "good.tar", tmp_path / "bad.tar"
    assert beffroi(data, "backup", str(good)).returncode == 0
    _damage(good, bad, damage)
    before = (data / "main.sqlite3").read_bytes()
    refused = beffroi(data, "restore", str(bad), "--data", str(data), "--replace")
    assert refused.returncode == 1
    assert "n’est pas faite" in refused.stderr
    assert (data / "main.sqlite3").read_bytes() == before
    with pytest.raises(BadArchive):
        unpack(bad, tmp_path / "unpacked")


def _damage(good: Path, bad: Path, damage: str) -> None:
    if damage == "not an archive":
        bad.write_bytes(b"\0\1\2" * 1000)
        return
    with tarfile.open(good) as source, tarfile.open(bad, "w") as target:
        for member in source:
            content = source.extractfile(member)
            assert content is not None
            raw = content.read()
            if member.name == "manifest.json":
                if damage == "no manifest":
                    continue
                if damage == "escape":
                    raw = raw.replace(b'"keys/hub"', b'"../key-hub"').replace(
                        b'"keys/django"', b'"../key-dj"'
                    )
                    member.size = len(raw)
            elif damage == "missing" and member.name == "data/keys/django":
                continue
            elif damage == "content" and member.name == "data/main.sqlite3":
                raw = raw[:5000] + bytes([raw[5000] ^ 1]) + raw[5001:]
            elif damage == "escape":
                member.name = member.name.replace("keys/django", "../key-dj")
            target.addfile(member, io.BytesIO(raw))
        if damage == "foreign":
            target.addfile(tarfile.TarInfo("data/keys/extra"))


def test_an_upgrade_saves_first_and_says_how_to_go_back() -> None:
    data = empty_town()
    (data / "migrated").unlink()
    # A town of an older program: the last step of one room is not applied yet.
    with sqlite3.connect(data / "main.sqlite3") as connection:
        connection.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
        connection.execute("DROP TABLE django_session")
    town = WholeTown(data)
    try:
        town.start().ready()
        (backup,) = (data / "backups").iterdir()
        assert f"./run restore {backup} --data {data} --replace" in town.console
        assert town.stop() == 0
        back = beffroi(data, "restore", str(backup), "--data", str(data), "--replace")
        assert back.returncode == 0, back.stderr
        with sqlite3.connect(data / "main.sqlite3") as connection:
            names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master")]
        assert "django_session" not in names
        # The newer program starts again on it, and saves once more.
        town.start().ready()
        assert len(list((data / "backups").iterdir())) == 2
    finally:
        town.remove()
