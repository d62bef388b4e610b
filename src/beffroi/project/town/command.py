"""`beffroi town …`: plant the demonstration town, and let things happen in it."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from beffroi.project.town.control import Control, is_on
from beffroi.project.town.happenings import WORDS, UnknownPlace, place_of, unit_of
from beffroi.project.town.physics.disturbances import CROWD, EMPTY, FILL, HEAT, LEAK, Disturbance

SEED = 2026


def run(argv: list[str]) -> int:
    options = _parser().parse_args(argv)
    act: Callable[[argparse.Namespace], int] = options.act
    return act(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="beffroi town", description=__doc__)
    acts = parser.add_subparsers(required=True, metavar="ACT")
    plant = acts.add_parser("plant", help="plant the town in an empty installation")
    plant.add_argument("--size", choices=("demo", "tiny"), default="demo")
    plant.add_argument("--seed", type=int, default=SEED)
    plant.add_argument(
        "--today", type=dt.date.fromisoformat, help="first day of its calendar (today)"
    )
    plant.set_defaults(act=_plant)
    leak = acts.add_parser("leak", help="a pipe breaks")
    leak.add_argument("--street", required=True)
    leak.add_argument("--flow", type=float, default=9.0, help="m³/h")
    leak.set_defaults(act=_begin, kind=LEAK, amount="flow")
    crowd = acts.add_parser("crowd", help="people gather")
    crowd.add_argument("--street", required=True, help="a counted place, such as place du Puits")
    crowd.add_argument("--people", type=float, default=500.0)
    crowd.set_defaults(act=_begin, kind=CROWD, amount="people")
    heat = acts.add_parser("heat", help="a heater stays on, or a heatwave comes (--place weather)")
    heat.add_argument("--place", dest="street", required=True, help="a public building")
    heat.add_argument("--degrees", type=float, default=8.0)
    heat.set_defaults(act=_begin, kind=HEAT, amount="degrees")
    fill = acts.add_parser("fill", help="a container is filled")
    fill.add_argument("--street", required=True)
    fill.add_argument("--share", type=float, default=0.9, help="share of its volume")
    fill.set_defaults(act=_begin, kind=FILL, amount="share")
    empty = acts.add_parser("empty", help="a container is emptied")
    empty.add_argument("--street", required=True)
    empty.set_defaults(act=_begin, kind=EMPTY, amount="")
    repair = acts.add_parser("repair", help="what happens in a street or place is over")
    repair.add_argument("--street", "--place", dest="street", required=True)
    repair.set_defaults(act=_repair)
    acts.add_parser("status", help="what is happening now").set_defaults(act=_status)
    return parser


def _plant(options: argparse.Namespace) -> int:
    from django.utils import timezone

    from beffroi.project.town.plant import AlreadyPlanted, plant

    started = time.perf_counter()
    try:
        town = plant(options.size, options.seed, options.today or timezone.localdate())
    except AlreadyPlanted:
        return _fail("Cette installation a déjà une collectivité : rien n’a été changé.")
    write_private(_data() / "town.json", json.dumps(town.as_json(), ensure_ascii=False, indent=1))
    sys.stdout.write(
        f"Vernay-sur-Loire : {len(town.ground.streets)} rues, {len(town.tokens)} appareils, "
        f"{town.readings} mesures, en {time.perf_counter() - started:.1f} s.\n"
    )
    return 0


def _begin(options: argparse.Namespace) -> int:
    amount = float(getattr(options, options.amount)) if options.amount else 0.0
    try:
        place = place_of(options.kind, options.street)
    except UnknownPlace as unknown:
        return _fail(str(unknown))
    if options.amount and not 0.0 < amount < 100_000.0:
        return _fail(f"--{options.amount} : donnez un nombre positif. Rien n’a été changé.")
    if not (_data() / "town.json").exists():
        return _fail("Ce n’est pas une ville de démonstration : rien n’a été changé.")
    now = time.time()
    momentary = options.kind in (FILL, EMPTY)
    Control(_data()).begin(
        Disturbance(options.kind, place, now, amount, now + 1 if momentary else None)
    )
    sys.stdout.write(
        f"{WORDS[options.kind]} : {place}{unit_of(options.kind, amount)}. Les capteurs le verront sous 30 s.\n"
    )
    return 0


def _repair(options: argparse.Namespace) -> int:
    ended = False
    for kind in (LEAK, CROWD, HEAT):
        try:
            place = place_of(kind, options.street)
        except UnknownPlace:
            continue
        ended |= Control(_data()).end(kind, place, time.time())
    if not ended:
        return _fail(f"Rien ne se passe à « {options.street} ».")
    sys.stdout.write("C’est réparé. Les mesures reviennent à la normale sous une à deux minutes.\n")
    return 0


def _status(options: argparse.Namespace) -> int:
    now = time.time()
    current = [row for row in Control(_data()).read() if is_on(row, now)]
    for row in current:
        since = dt.datetime.fromtimestamp(row.start, dt.UTC).astimezone()
        sys.stdout.write(
            f"{WORDS[row.kind]} {row.place}{unit_of(row.kind, row.amount)}, depuis {since:%H:%M}\n"
        )
    if not current:
        sys.stdout.write("Tout est calme.\n")
    return 0


def write_private(path: Path, text: str) -> None:
    """A file that only its owner reads, whole or not at all."""
    draft = path.with_name(f".{path.name}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        os.fchmod(descriptor, 0o600)
        opened.write(text)
    draft.replace(path)


def _data() -> Path:
    from django.conf import settings

    data: Path = settings.BEFFROI.data
    return data


def _fail(message: str) -> int:
    sys.stderr.write(message + "\n")
    return 1
