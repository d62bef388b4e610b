"""The moves a task makes: put in, claimed, renewed, done, tried again, given up."""

from __future__ import annotations

import random
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Case, Exists, F, Min, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Least

from beffroi.base.tasks.clock import now
from beffroi.base.tasks.models import Schedule, Task
from beffroi.base.tasks.registry import PERIODS, Registered, find
from beffroi.base.tasks.wake import wake_workers

LEASE = timedelta(seconds=60)
_LONGEST_ERROR = 20_000


class TryLater(Exception):
    """Raised by a task whose peer is away for now: it waits `seconds`, and no try is counted."""

    def __init__(self, reason: str, seconds: float) -> None:
        super().__init__(reason)
        self.seconds = seconds


class LeaseLost(Exception):
    """Somebody else has the task by now: what was done in this transaction must not stay."""


def enqueue(
    task: Callable[..., Any] | str,
    *,
    key: str = "",
    at: datetime | None = None,
    sequence: str = "",
    **arguments: Any,
) -> None:
    """Put a task in; inside a transaction it exists if, and only if, that one commits.

    task: a function declared with `@task`, or its name. arguments: what JSON can carry.
    key: at most one task with this key is alive. If one waits, it stays (and comes earlier if
    asked); if one is running, it runs once more afterwards, so that it sees the change.
    at: aware datetime; not before. sequence: tasks of the same sequence run one at a time, in
    the order of their insertion; one that is given up lets the next pass.
    Raises LookupError for a function that is not a task.
    """
    declared = find(task)
    due = at or now()
    put = Task(
        name=declared.name,
        arguments=arguments,
        due=due,
        planned=at is not None,
        urgent=declared.urgent,
        key=key,
        sequence=sequence,
    )
    if not key:
        put.save(force_insert=True)
    elif not _join(key, due):
        try:
            with transaction.atomic():
                put.save(force_insert=True)
        except IntegrityError:
            _join(key, due)
    transaction.on_commit(wake_workers, robust=True)


def _join(key: str, due: datetime) -> bool:
    """Let the task alive under this key do the work; False when there is none."""
    alive = Task.objects.filter(key=key, failed_at__isnull=True)
    return bool(
        alive.update(
            again=Case(When(token="", then=F("again")), default=Value(True)),
            due=Case(When(token="", then=Least(F("due"), Value(due))), default=F("due")),
        )
    )


def ready(urgent_only: bool = False) -> QuerySet[Task]:
    """Tasks that may run now, the most pressing first."""
    waiting = _not_blocked().filter(due__lte=now())
    if urgent_only:
        waiting = waiting.filter(urgent=True)
    return waiting.order_by("-urgent", "due", "id")


def _not_blocked() -> QuerySet[Task]:
    before = Task.objects.filter(
        sequence=OuterRef("sequence"), id__lt=OuterRef("id"), failed_at__isnull=True
    )
    alive = Task.objects.filter(failed_at__isnull=True)
    return alive.filter(Q(sequence="") | ~Exists(before))


def claim(token: str, urgent_only: bool = False, lease: timedelta = LEASE) -> Task | None:
    """Take the most pressing task for one lease and sign it with `token`; None: nothing is due."""
    if not ready(urgent_only).exists():
        return None
    with transaction.atomic():
        return _claim_within(token, urgent_only, lease)


def _claim_within(token: str, urgent_only: bool, lease: timedelta) -> Task | None:
    waiting = ready(urgent_only)
    if connection.features.has_select_for_update_skip_locked:
        waiting = waiting.select_for_update(skip_locked=True, of=("self",))
    task = waiting.first()
    if task is None:
        return None
    task.token, task.tries, task.due = token, task.tries + 1, now() + lease
    task.save(update_fields=["token", "tries", "due"])
    return task


def renew(tokens: list[str], lease: timedelta = LEASE) -> None:
    """Keep the leases of the tasks being worked on."""
    Task.objects.filter(token__in=tokens, failed_at__isnull=True).update(due=now() + lease)


def done(task: Task) -> bool:
    """Remove a finished task, or put it back if it was asked for again meanwhile.

    False: the lease was lost, somebody else has it now.
    """
    mine = Task.objects.filter(pk=task.pk, token=task.token)
    if task.sequence:
        transaction.on_commit(wake_workers, robust=True)  # the next of the sequence is free
    if mine.filter(again=False).delete()[0]:
        return True
    return bool(mine.update(again=False, token="", tries=0, error="", due=now(), planned=False))


def run(task: Task) -> None:
    """Do a claimed task and take note of it. Whatever it raises passes through."""
    declared = find(task.name)
    if not declared.atomic:
        declared.function(**task.arguments)
        done(task)
        return
    with transaction.atomic():
        declared.function(**task.arguments)
        if not done(task):
            raise LeaseLost(task.name)


def failed(task: Task, error: BaseException) -> bool:
    """Plan the next try after an error, or give up; True when given up."""
    try:
        declared: Registered | None = find(task.name)
    except LookupError:
        declared = None
    tries = declared.tries if declared else 8
    text = "".join(traceback.format_exception(error))[-_LONGEST_ERROR:]
    mine = Task.objects.filter(pk=task.pk, token=task.token)
    # The watcher measured its sleep before this task had a new date.
    transaction.on_commit(wake_workers, robust=True)
    if isinstance(error, TryLater):
        later = now() + timedelta(seconds=error.seconds)
        mine.update(due=later, token="", again=False, tries=F("tries") - 1, error=str(error))
        return False
    given_up = task.tries >= tries and not mine.filter(again=True).exists()
    if given_up:
        mine.update(failed_at=now(), token="", error=text)
    else:
        wait = _wait(task.tries, declared)
        mine.update(due=now() + wait, token="", again=False, error=text)
    return given_up


def _wait(tries: int, declared: Registered | None) -> timedelta:
    """Twice as long after each try, spread by a half so that failures do not return together."""
    first, longest = (declared.first_wait, declared.longest_wait) if declared else (1.0, 900.0)
    seconds: float = min(first * 2.0 ** min(tries - 1, 40), longest)
    return timedelta(seconds=seconds * random.uniform(0.5, 1.0))  # noqa: S311 - spreads only


def release(token_prefix: str) -> int:
    """Make the tasks of a dead worker due at once; returns how many."""
    held = Task.objects.filter(token__startswith=token_prefix, failed_at__isnull=True)
    return held.update(token="", due=now())


def retry(task_id: int) -> str:
    """Let a given-up task run again; returns its name.

    Raises Task.DoesNotExist when no given-up task has this number, and ValueError when another
    task with the same key is alive already.
    """
    with transaction.atomic():
        task = Task.objects.get(pk=task_id, failed_at__isnull=False)
        if task.key and Task.objects.filter(key=task.key, failed_at__isnull=True).exists():
            raise ValueError(f"another task with the key {task.key} is waiting already")
        task.failed_at, task.tries, task.due, task.planned = None, 0, now(), False
        task.save(update_fields=["failed_at", "tries", "due", "planned"])
        transaction.on_commit(wake_workers, robust=True)
    return task.name


def plan_periodic_tasks() -> None:
    """Make the schedule agree with what the program declares."""
    with transaction.atomic():
        Schedule.objects.exclude(name__in=PERIODS).delete()
        kept = {row.name: row for row in Schedule.objects.all()}
        for name, seconds in PERIODS.items():
            row = kept.get(name)
            if row is None:
                Schedule.objects.bulk_create(
                    [Schedule(name=name, every=seconds, next=now())], ignore_conflicts=True
                )
            elif row.every != seconds:
                Schedule.objects.filter(pk=row.pk).update(every=seconds, next=now())


def run_schedule() -> int:
    """Put in the periodic tasks whose time has come; returns how many.

    Compare-and-set on `next`: of several workers that look at once, one puts the task in.
    """
    put = 0
    moment = now()
    for row in Schedule.objects.filter(next__lte=moment, name__in=PERIODS):
        period = timedelta(seconds=row.every)
        missed = (moment - row.next) // period
        with transaction.atomic():
            moved = Schedule.objects.filter(pk=row.pk, next=row.next).update(
                next=row.next + period * (missed + 1)
            )
            key = f"every:{row.name}"
            if moved and not Task.objects.filter(key=key, failed_at__isnull=True).exists():
                enqueue(row.name, key=key)
                put += 1
    return put


@dataclass(frozen=True)
class Counts:
    waiting: int
    running: int
    failed: int
    oldest_due: datetime | None


def counts() -> Counts:
    """How the queue stands, for health pages and metrics. `oldest_due`: of those not running."""
    alive = Task.objects.filter(failed_at__isnull=True)
    idle = alive.filter(token="")
    return Counts(
        waiting=idle.count(),
        running=alive.exclude(token="").count(),
        failed=Task.objects.filter(failed_at__isnull=False).count(),
        oldest_due=idle.order_by("due").values_list("due", flat=True).first(),
    )


def next_due() -> datetime | None:
    """The next moment, after now, at which something falls due."""
    moment = now()
    task = _not_blocked().filter(due__gt=moment).aggregate(due=Min("due"))["due"]
    periodic = Schedule.objects.filter(name__in=PERIODS, next__gt=moment).aggregate(
        next=Min("next")
    )
    return min((due for due in (task, periodic["next"]) if due is not None), default=None)
