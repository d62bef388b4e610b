"""An agenda brought in from files: every good record, a clear line for each bad one, once."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.accessible.reception.appointments.oracle import Rule, slots, wall

from beffroi.accessible.reception.appointments.adapters.agenda import Agenda
from beffroi.accessible.reception.appointments.availability import Selection
from beffroi.accessible.reception.appointments.engine.holidays import public_holidays
from beffroi.accessible.reception.appointments.models import (
    Absence,
    Agent,
    Appointment,
    Claim,
    Opening,
    Reason,
)
from beffroi.accessible.reception.appointments.queries import Period, find_slots
from beffroi.base.access.public import Actor
from beffroi.base.imports.public import UnreadableSource

MONDAY = dt.date(2026, 3, 23)
DAYS = 21


@dataclass
class Notebook:
    accepted: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    cancelled: bool = False

    def check(self) -> None: ...

    def progress(self, done: int, total: int) -> None:
        assert done <= total

    def accept(self, count: int = 1) -> None:
        self.accepted += count

    def refuse(self, line: int, reason: object) -> None:
        self.refused.append((line, str(reason)))

    def note(self, message: object) -> None:
        self.notes.append(str(message))


FILES = {
    "motifs": "motif,duree_min\n0,15\n1,40\n",
    "agents": "agent,lieu\n0,0\n1,1\n2,0\n",
    "plages_ouverture": "plage,agent,lieu,jour_semaine_iso,debut,fin\n",
    "plages_motifs": "plage,motif\n",
    "absences": "absence,agent,premier_jour,dernier_jour\n",
    "rdvs": "rdv,agent,motif,jour,debut,fin,statut\n",
}


def write(folder: Path, **more: str) -> Path:
    for name, text in FILES.items():
        (folder / f"{name}.csv").write_text(text + more.get(name, ""))
    return folder


def bring(town, folder: Path) -> Notebook:
    notebook = Notebook()
    Agenda().run(folder, Actor.system(town.commune, "test"), notebook)
    return notebook


def test_slots_of_an_imported_agenda_are_those_of_the_definition(town, tmp_path):
    """Random agendas across the change of hour and Easter Monday, against the oracle."""
    chance = random.Random(7)
    rules, taken, served = [], [], []
    texts = dict.fromkeys(FILES, "")
    for number in range(24):
        agent, weekday = number % 3, chance.randint(1, 7)
        starts = chance.randrange(60, 900, 5)
        rules.append(
            Rule(
                agent,
                weekday,
                starts,
                starts + chance.randrange(30, 240, 5),
                MONDAY,
                dt.date(2027, 1, 1),
            )
        )
        texts["plages_ouverture"] += (
            f"{number},{agent},{agent},{weekday},{clock(rules[-1].starts)},{clock(rules[-1].ends)}\n"
        )
        served.append(chance.random() < 0.7)
        texts["plages_motifs"] += f"{number},0\n" if served[-1] else f"{number},1\n"
    for number in range(60):
        agent, day = chance.randrange(3), MONDAY + dt.timedelta(days=chance.randrange(DAYS))
        begin = chance.randrange(60, 1000)
        end = begin + chance.randrange(5, 50)
        texts["rdvs"] += f"{number},{agent},0,{day},{clock(begin)},{clock(end)},a_venir\n"
        taken.append((number, agent, wall(day, begin), wall(day, end)))
    texts["absences"] = f"0,1,{MONDAY},{MONDAY + dt.timedelta(days=1)}\n"
    notebook = bring(town, write(tmp_path, **texts))
    kept = set(Appointment.objects.values_list("external_id", flat=True))
    busy = [(a, b, e) for number, a, b, e in taken if f"rdv:{number}" in kept]
    busy.append((1, wall(MONDAY, 0), wall(MONDAY, 0) + 2 * 86400))
    assert {why for _, why in notebook.refused} <= {"chevauche un autre rendez-vous du même agent"}
    # The product takes whole cells of five minutes.
    busy = [(a, b // 300 * 300, -(-e // 300) * 300) for a, b, e in busy]
    last = MONDAY + dt.timedelta(days=DAYS - 1)
    reason = Reason.objects.select_related("authority").get(external_id="motif:0")
    found = find_slots(Selection(reason), Period(MONDAY, last))
    number_of = {pk: int(key[6:]) for pk, key in Agent.objects.values_list("pk", "external_id")}
    got = sorted(
        (start * 300, number_of[agent])
        for start, agent in zip(found.start.tolist(), found.agent.tolist(), strict=True)
    )
    offered = [rule for rule, yes in zip(rules, served, strict=True) if yes]
    assert got == slots(offered, busy, set(public_holidays(2026)), 15, MONDAY, last)
    assert len(got) > 100


def clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


GOOD = {
    "plages_ouverture": "0,0,0,1,09:00,12:00\n",
    "plages_motifs": "0,0\n",
    "absences": "0,0,2026-03-24,2026-03-25\n",
    "rdvs": "0,0,0,2026-03-23,09:00,09:15,a_venir\n1,0,0,2026-03-23,09:15,09:30,annule_usager\n",
}


def test_a_second_run_changes_nothing(town, tmp_path):
    def counted():
        return [m.objects.count() for m in (Reason, Agent, Opening, Absence, Appointment, Claim)]

    first = bring(town, write(tmp_path, **GOOD))
    before = counted()
    second = bring(town, tmp_path)
    assert counted() == before == [2, 3, 1, 1, 2, 3]
    assert (first.accepted, first.refused, second.accepted) == (10, [], 0)
    assert "10" in second.notes[0]


@pytest.mark.parametrize(
    ("name", "line", "words"),
    [
        ("motifs", "2,7", "5 à 480"),
        ("motifs", "x,15", "illisible"),
        ("plages_ouverture", "9,0,0,8,09:00,12:00", "1 (lundi) à 7"),
        ("plages_ouverture", "9,0,0,1,12:00,09:00", "l’heure de fin"),
        ("plages_ouverture", "9,0,0,1,09:02,12:00", "5 en 5 minutes"),
        ("plages_ouverture", "9,77,0,1,09:00,12:00", "n’est pas dans le fichier"),
        ("plages_motifs", "0,99", "n’est pas dans le fichier"),
        ("absences", "9,0,2026-03-25,2026-03-24", "finit avant"),
        ("rdvs", "9,0,0,2026-03-23,09:10,09:20,a_venir", "chevauche"),
        ("rdvs", "9,0,0,2026-03-23,11:00,11:15,peut-etre", "statut inconnu"),
        ("rdvs", "9,0,0,1970-01-01,11:00,11:15,a_venir", "illisible"),
        ("rdvs", "9,0,0,2036-99-01,11:00,11:15,a_venir", "illisible"),
        ("rdvs", "9,0,0,2026-03-29,02:00,02:00,a_venir", "l’heure de fin"),
        ("rdvs", "9,0", "manque"),
    ],
)
def test_a_bad_record_is_named_and_the_others_are_taken(town, tmp_path, name, line, words):
    notebook = bring(town, write(tmp_path, **{**GOOD, name: GOOD.get(name, "") + line + "\n"}))
    assert len(notebook.refused) == 1
    number, why = notebook.refused[0]
    assert words in why
    assert number == (tmp_path / f"{name}.csv").read_text().count("\n")
    assert notebook.accepted == 10


def test_a_folder_that_is_no_agenda_says_what_is_missing(town, tmp_path):
    with pytest.raises(UnreadableSource, match="motifs"):
        bring(town, tmp_path)
    write(tmp_path)
    (tmp_path / "rdvs.csv").write_text("a,b\n1,2\n")
    with pytest.raises(UnreadableSource, match="rdv"):
        bring(town, tmp_path)
    (tmp_path / "rdvs.csv").write_bytes(b"rdv,agent,motif,jour,debut,fin,statut\n\xff\xfe\n")
    with pytest.raises(UnreadableSource, match="rdvs"):
        bring(town, tmp_path)
    assert not Agent.objects.exists()
