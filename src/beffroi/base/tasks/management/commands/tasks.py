from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from beffroi.base.tasks.models import Task
from beffroi.base.tasks.public import counts, given_up, retry


class Command(BaseCommand):
    help = "Shows the tasks that wait, run or were given up; lets a given-up one run again."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        listed = actions.add_parser("list", help="what waits, runs and was given up")
        listed.add_argument("--errors", action="store_true", help="with the whole error")
        again = actions.add_parser("retry", help="run a given-up task again")
        again.add_argument("id", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "retry":
            self._retry(options["id"])
        else:
            self._list(options["errors"])

    def _retry(self, task_id: int) -> None:
        try:
            name = retry(task_id)
        except Task.DoesNotExist:
            raise CommandError(f"No given-up task has the number {task_id}.") from None
        except ValueError as error:
            raise CommandError(f"Task {task_id} was left as it is: {error}.") from None
        self.stdout.write(f"Task {task_id} ({name}) will run again.")

    def _list(self, errors: bool) -> None:
        now = counts()
        self.stdout.write(f"waiting {now.waiting} · running {now.running} · given up {now.failed}")
        for task in Task.objects.filter(failed_at__isnull=True).order_by("due")[:100]:
            state = "runs" if task.token else "waits"
            self.stdout.write(f"{task.pk:>8} {state:<8} {task.due:%Y-%m-%d %H:%M:%S} {task.name}")
        for task in given_up():
            last = task.error.strip().rsplit("\n", 1)[-1]
            self.stdout.write(
                f"{task.pk:>8} given up {task.failed_at:%Y-%m-%d %H:%M:%S} {task.name}: {last}"
            )
            if errors:
                self.stdout.write(task.error)
