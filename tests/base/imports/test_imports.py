"""One way in for files: by the command and by the page, followed, stopped, explained."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.test import Client
from django.urls import reverse

from beffroi.base.access.public import Actor
from beffroi.base.audit.models import Entry
from beffroi.base.imports import actions, command, importers
from beffroi.base.imports.models import ImportRun
from beffroi.base.imports.public import Importer, Report, UnreadableSource, register_importer
from beffroi.base.imports.running import MOST_LINES_KEPT, RunReport, execute
from beffroi.base.outbox.models import Announcement
from beffroi.base.tasks.public import run_pending


class Names(Importer):
    """Accepts lines of letters; « stop » asks for its own cancel, « break » is a bug."""

    name = "names"
    title = "Noms"
    help = "Un nom par ligne."
    options = {"map": "fichier de correspondance", "prefix": "début ajouté"}
    kept: list[str] = []

    def run(self, source: Path, actor: Actor, report: Report, **options: Any) -> None:
        lines = source.read_text("utf-8").splitlines()
        if not lines:
            raise UnreadableSource("Ce fichier est vide.")
        kept = []
        for number, line in enumerate(lines, start=1):
            if line == "stop":
                ImportRun.objects.update(cancel_asked=True)
            if line == "break":
                raise ZeroDivisionError
            report.check()
            if line.isalpha():
                kept.append(options.get("prefix", "") + line)
                report.accept()
            else:
                report.refuse(number, f"« {line} » n’est pas un nom")
            report.progress(number, len(lines))
        if "map" in options:
            kept.append(Path(str(options["map"])).read_text("utf-8"))
        Names.kept = kept


@pytest.fixture(autouse=True)
def names() -> Iterator[type[Names]]:
    register_importer(Names)
    Names.kept = []
    yield Names
    del importers._importers["names"]


@pytest.fixture
def source(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "noms.txt"
        path.write_text(text, "utf-8")
        return path

    return write


def upload(text: str, name: str = "noms.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


def test_the_command_stores_and_explains(
    town: object, source: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.run(["names", str(source("anne\n12\nluc\n"))]) == 0
    run = ImportRun.objects.get()
    assert (run.state, run.accepted, run.refused, run.percent) == ("done", 2, 1, 100)
    assert run.authority == town.commune
    output = capsys.readouterr()
    assert "line 2: « 12 » n’est pas un nom" in output.err
    assert "2 accepted, 1 refused" in output.out
    assert Names.kept == ["anne", "luc"]


def test_the_command_takes_an_authority_and_options(
    town: object, source: Callable[[str], Path], tmp_path: Path
) -> None:
    mapping = tmp_path / "map.toml"
    mapping.write_text("x", "utf-8")
    path = source("anne")
    assert (
        command.run(
            [
                "names",
                str(path),
                "--authority",
                "saint-clair",
                "--map",
                str(mapping),
                "--prefix",
                "a",
            ]
        )
        == 0
    )
    assert ImportRun.objects.get().authority == town.other
    assert Names.kept == ["aanne", "x"]


@pytest.mark.parametrize(
    ("text", "code", "state"),
    [
        ("", 1, "failed"),
        ("12\n13", 1, "done"),
        ("anne\nbreak", 1, "failed"),
        ("anne\nstop", 130, "cancelled"),
    ],
)
def test_the_command_says_how_it_ended(
    town: object, source: Callable[[str], Path], text: str, code: int, state: str
) -> None:
    original = RunReport.__init__.__kwdefaults__ or {}
    original["interval"] = 0
    try:
        assert command.run(["names", str(source(text))]) == code
    finally:
        original["interval"] = 1.0
    assert ImportRun.objects.get().state == state
    assert Names.kept == []


def test_a_wrong_command_is_told(
    town: object, source: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.run(["names", "/nowhere/at/all"]) == 2
    assert command.run(["names", str(source("a")), "--authority", "nulle-part"]) == 2
    assert "nulle-part" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        command.run(["nothing", "x"])
    assert not ImportRun.objects.exists()


def test_the_page_runs_in_the_worker_and_is_followed(
    client_for: Callable[..., Client], installation: object
) -> None:
    client = client_for("admin")
    assert "Noms" in client.get(reverse("imports:list")).content.decode()
    new = reverse("imports:new", args=["names"])
    assert client.get(new).status_code == 200
    response = client.post(
        new,
        {"source": upload("anne\n<b>12</b>\n"), "prefix": "p", "map": upload("carte", "m.toml")},
    )
    run = ImportRun.objects.get()
    assert response["Location"] == reverse("imports:run", args=[run.ref])
    assert "en attente" in client.get(response["Location"]).content.decode()
    run_pending()
    html = client.get(reverse("imports:state", args=[run.ref])).content.decode()
    assert "terminé" in html
    assert "&lt;b&gt;12&lt;/b&gt;" in html
    assert Names.kept == ["panne", "carte"]
    assert not run.folder.exists()
    topics = [topic for announced in Announcement.objects.all() for topic in announced.topics]
    assert run.topic in topics
    assert Entry.objects.filter(verb="import.done").exists()


def test_a_waiting_import_can_be_stopped(
    client_for: Callable[..., Client], installation: object
) -> None:
    client = client_for("head")
    client.post(
        reverse("imports:new", args=["names"]), {"source": upload("anne"), "map": upload("x")}
    )
    run = ImportRun.objects.get()
    client.post(reverse("imports:cancel", args=[run.ref]))
    run_pending()
    run.refresh_from_db()
    assert run.state == ImportRun.State.CANCELLED
    assert Names.kept == []


def test_a_form_without_file_or_with_an_empty_one_is_explained(
    client_for: Callable[..., Client], installation: object
) -> None:
    client = client_for("admin")
    address = reverse("imports:new", args=["names"])
    assert client.post(address, {}).status_code == 422
    empty = client.post(address, {"source": upload(""), "map": upload("x")})
    assert empty.status_code == 422
    assert "error-summary" in empty.content.decode()
    assert not ImportRun.objects.exists()


def test_the_name_of_an_upload_cannot_leave_its_folder(
    actor: Callable[..., object], installation: object
) -> None:
    run = actions.ask(actor("admin"), Names(), upload("anne", "../../.profil"), {}, {})
    assert run.folder in next((run.folder / "source").iterdir()).parents


@pytest.mark.parametrize("role", ["anonymous", "resident", "partner"])
def test_a_file_that_a_stranger_sends_is_not_kept(
    client_for: Callable[..., Client],
    installation: object,
    role: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept: list[str] = []
    keep = MemoryFileUploadHandler.receive_data_chunk
    monkeypatch.setattr(
        MemoryFileUploadHandler,
        "receive_data_chunk",
        lambda self, data, start: kept.append(self.file_name) or keep(self, data, start),
    )
    for address in (reverse("imports:new", args=["names"]), reverse("people:login")):
        client_for(role).post(address, {"source": upload("anne"), "map": upload("x")})
    assert kept == []
    client_for("admin").post(
        reverse("imports:new", args=["names"]), {"source": upload("anne"), "map": upload("x")}
    )
    assert kept == ["noms.txt", "noms.txt"]
    assert ImportRun.objects.count() == 1


def test_nobody_else_sees_or_starts_an_import(
    client_for: Callable[..., Client],
    actor: Callable[..., object],
    town: object,
    installation: object,
) -> None:
    run = actions.ask(actor("admin"), Names(), upload("anne"))
    address = reverse("imports:run", args=[run.ref])
    assert client_for("admin").get(address).status_code == 200
    assert client_for("admin", town.other).get(f"/a/saint-clair{address}").status_code == 404
    assert client_for("agent").get(address).status_code == 403
    assert client_for().get(address).status_code == 302
    assert client_for("admin").get(reverse("imports:new", args=["inconnu"])).status_code == 404


def test_refused_lines_are_counted_beyond_those_kept(
    actor: Callable[..., object], source: Callable[[str], Path]
) -> None:
    admin = actor("admin")
    run = ImportRun.objects.create(authority=admin.authority, importer="names", source_name="x")
    path = source("12\n" * (MOST_LINES_KEPT + 50))
    execute(run, Names(), path, admin, RunReport(run, interval=0), {})
    assert run.refused == MOST_LINES_KEPT + 50
    assert run.refused_lines.count() == MOST_LINES_KEPT


def test_an_import_run_again_after_a_kill_starts_anew(
    actor: Callable[..., object], source: Callable[[str], Path]
) -> None:
    admin = actor("admin")
    run = ImportRun.objects.create(
        authority=admin.authority, importer="names", source_name="x", state="running", accepted=7
    )
    run.refused_lines.create(line=1, reason="d’avant")
    execute(run, Names(), source("anne\n1"), admin, RunReport(run), {})
    run.refresh_from_db()
    assert (run.accepted, run.refused, run.refused_lines.count()) == (1, 1, 1)


def test_a_run_without_sign_for_minutes_says_so(
    client_for: Callable[..., Client], town: object
) -> None:
    import datetime as dt

    from django.utils import timezone

    run = ImportRun.objects.create(
        authority=town.commune, importer="names", source_name="x", state="running",
        heard_at=timezone.now() - dt.timedelta(minutes=10),
    )  # fmt: skip
    html = client_for("admin").get(reverse("imports:run", args=[run.ref])).content.decode()
    assert "interrompu" in html
