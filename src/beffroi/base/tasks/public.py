"""Tasks: work after the commit, at least once, whatever is killed.

In a room's `tasks.py`:

    @task("broadcast.expire", tries=8)
    def expire(notice_id: int) -> None: ...

    every("broadcast.expire_due", seconds=60)(expire_due)

and in its actions, inside the business transaction: `enqueue(expire, notice_id=3)`.
"""

from __future__ import annotations

import secrets

from beffroi.base.tasks.models import Task
from beffroi.base.tasks.queue import Counts, TryLater, claim, counts, enqueue, failed, retry, run
from beffroi.base.tasks.registry import PERIODS, TASKS, every, task

__all__ = [
    "PERIODS",
    "TASKS",
    "Counts",
    "TryLater",
    "counts",
    "enqueue",
    "every",
    "given_up",
    "retry",
    "run_pending",
    "task",
]


def given_up() -> list[Task]:
    """Tasks that failed for good, the latest first, each with its error."""
    return list(Task.objects.filter(failed_at__isnull=False).order_by("-failed_at"))


def run_pending(limit: int = 10_000) -> int:
    """Do in this process all tasks that are due, and those they put in; returns how many.

    For tests and the shell: an error is raised at once, a `TryLater` only postpones its task.
    Tasks planned for later and periodic tasks are left alone.
    """
    finished = 0
    while finished < limit:
        current = claim(f"here:{secrets.token_hex(8)}")
        if current is None:
            return finished
        try:
            run(current)
        except TryLater as reason:
            failed(current, reason)
        finished += 1
    raise RuntimeError(f"Still tasks to do after {limit}: they keep putting each other in")
