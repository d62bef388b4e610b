"""The threshold rule on flows it never saw: when does it find the leaks of L-Town?

The levels are read off the first nights, as an agent does on the page of a rule; then the year is
imported with the rule active, reading by reading in order, and every insight is printed.

    python benchmarks/leak_rule.py --data …/battledim_2019_flows.csv.gz [--nights 14] [--out FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parents[1]
MAP = ROOT / "docs" / "examples" / "l-town-flows.toml"
HOLD_S = 2 * 3600


class Silent:
    """A report that only counts."""

    def __init__(self) -> None:
        self.accepted = self.refused = 0
        self.cancelled = False

    def check(self) -> None:
        pass

    def progress(self, done: int, total: int) -> None:
        pass

    def accept(self, count: int = 1) -> None:
        self.accepted += count

    def refuse(self, line: int, reason: object) -> None:
        self.refused += 1

    def note(self, message: object) -> None:
        pass


def main() -> int:
    options = _options()
    if not options.data.is_file():
        print(f"no such file: {options.data}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="beffroi-leak-rule-") as folder:
        os.environ["BEFFROI_DATA"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beffroi.project.settings")
        sys.path.insert(0, str(ROOT / "src"))
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        return run(options)


def _options() -> Any:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="flows in the format of battledim_2019_flows"
    )
    parser.add_argument("--map", type=Path, default=MAP, help="mapping file of the import")
    parser.add_argument(
        "--series", default="L-Town, secteur A", help="thing whose first series the rule watches"
    )
    parser.add_argument("--nights", type=int, default=14, help="first nights, taken as ordinary")
    parser.add_argument(
        "--out", type=Path, help="where the insights are written, one JSON object a line"
    )
    return parser.parse_args()


def run(options: Any) -> int:
    from beffroi.base.access.public import Actor
    from beffroi.base.authorities.models import Authority, Kind
    from beffroi.sustainable.territory.insights.models import Insight
    from beffroi.sustainable.territory.insights.queries import rehearse, suggested_levels
    from beffroi.sustainable.territory.insights.rule_actions import activate, draft_rule, edit_rule
    from beffroi.sustainable.territory.objects.importing import ReadingsImporter
    from beffroi.sustainable.territory.objects.models import Datastream
    from beffroi.sustainable.territory.objects.telemetry import telemetry

    syndicat = Authority.objects.create(
        kind=Kind.SYNDICAT, name="Syndicat", slug="syndicat", is_default=True
    )
    actor = Actor.system(syndicat, "bench")
    zone = ZoneInfo(syndicat.time_zone)

    durations, report = [], Silent()
    for _ in range(3):
        report, begun = Silent(), time.perf_counter()
        ReadingsImporter().run(options.data, actor, report, map=str(options.map))
        durations.append(time.perf_counter() - begun)
    readings_a_row = Datastream.objects.count()
    stream = Datastream.objects.filter(thing__name=options.series).order_by("pk").first()
    if stream is None:
        print(f"the map makes no series of {options.series!r}", file=sys.stderr)
        return 1

    fields = {
        "domain": "water", "name": "Fuite, débit de nuit", "on_level": 1.0, "off_level": 0.0,
        "for_seconds": HOLD_S, "clear_for_seconds": HOLD_S, "window_start": clock(2), "window_end": clock(5),
        "severity": 3, "message": "{quand}, {écart} de plus que d’habitude",
    }  # fmt: skip
    rule = draft_rule(actor, fields, [stream])
    span = telemetry().span(stream.number)
    assert span is not None
    first = datetime.fromtimestamp(span[0] / 1000, zone)
    learned = suggested_levels(rule, stream, first, first + timedelta(days=options.nights))
    if learned is None:
        print("too few nights to learn from", file=sys.stderr)
        return 1
    fields |= {"on_level": learned.on_level, "off_level": learned.off_level}
    rule = edit_rule(actor, rule, fields, [stream])
    (rehearsal,) = rehearse(rule)

    activate(actor, rule)
    ReadingsImporter().run(options.data, actor, Silent(), map=str(options.map))
    found = [_row(insight, zone) for insight in Insight.objects.order_by("opened_at")]
    _print(learned, rehearsal.months, found, report.accepted, durations, readings_a_row)
    if options.out:
        options.out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in found))
    print(
        json.dumps(
            {
                "insights": len(found),
                "first": found[0]["opened"] if found else None,
                "on_level": learned.on_level,
                "off_level": learned.off_level,
                "same_as_rehearsal": len(found) == len(rehearsal.episodes),
                "rows": report.accepted,
                "import_rows_per_s": round(report.accepted / statistics.median(durations[1:])),
                "first_import_rows_per_s": round(report.accepted / durations[0]),
                "readings_per_row": readings_a_row,
            }
        )
    )
    return 0


def _row(insight: Any, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "title": insight.title,
        "onset": insight.onset.astimezone(zone).isoformat(),
        "opened": insight.opened_at.astimezone(zone).isoformat(),
        "ended": insight.ended_at.astimezone(zone).isoformat() if insight.ended_at else None,
        "peak": insight.peak,
        "usual": insight.usual,
    }


def _print(
    learned: Any,
    months: list[tuple[int, int, int]],
    found: list[dict[str, Any]],
    rows: int,
    durations: list[float],
    readings_a_row: int,
) -> None:
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load {os.getloadavg()[0]:.1f}")
    print(
        f"import: {rows} rows × {readings_a_row} series, {durations[0]:.2f} s; again {min(durations[1:]):.2f} s"
    )
    print(
        f"learned from {learned.days} nights (02–05 h): usual {learned.usual:.1f}, held {HOLD_S // 3600} h at most "
        f"{learned.greatest:.1f}; rule: {learned.on_level} for 2 h, ends under {learned.off_level} for 2 h"
    )
    print("rehearsal, alerts a month: " + " ".join(f"{date(y, m, 1):%b}={n}" for y, m, n in months))
    for row in found:
        print(
            f"  {row['opened'][:16]}  to {(row['ended'] or 'still open')[:16]:16}  {row['title']}"
        )


if __name__ == "__main__":
    sys.exit(main())
