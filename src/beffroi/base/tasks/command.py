"""`beffroi tasks list` and `beffroi tasks retry ID`."""

from __future__ import annotations

import argparse
import sys

from beffroi.base.tasks.models import Task
from beffroi.base.tasks.public import counts, given_up, retry


def run(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="beffroi tasks",
        description="Shows the tasks that wait, run or were given up; runs a given-up one again.",
    )
    actions = parser.add_subparsers(dest="action", required=True)
    listed = actions.add_parser("list", help="what waits, runs and was given up")
    listed.add_argument("--errors", action="store_true", help="with the whole error")
    again = actions.add_parser("retry", help="run a given-up task again")
    again.add_argument("id", type=int)
    options = parser.parse_args(argv)
    if options.action == "retry":
        return _retry(options.id)
    return _list(options.errors)


def _retry(number: int) -> int:
    try:
        name = retry(number)
    except Task.DoesNotExist:
        sys.stderr.write(f"No given-up task has the number {number}.\n")
        return 1
    except ValueError as error:
        sys.stderr.write(f"Task {number} was left as it is: {error}.\n")
        return 1
    sys.stdout.write(f"Task {number} ({name}) will run again.\n")
    return 0


def _list(errors: bool) -> int:
    now = counts()
    say = sys.stdout.write
    say(f"waiting {now.waiting} · running {now.running} · given up {now.failed}\n")
    for task in Task.objects.filter(failed_at__isnull=True).order_by("due")[:100]:
        state = "runs" if task.token else "waits"
        say(f"{task.pk:>8} {state:<8} {task.due:%Y-%m-%d %H:%M:%S} {task.name}\n")
    for task in given_up():
        last = task.error.strip().rsplit("\n", 1)[-1]
        say(f"{task.pk:>8} given up {task.failed_at:%Y-%m-%d %H:%M:%S} {task.name}: {last}\n")
        if errors:
            say(task.error + "\n")
    return 0
