"""A worker process: threads that do tasks, and a main thread that watches over them."""

from __future__ import annotations

import logging
import secrets
import signal
import threading
import time
from datetime import timedelta
from types import FrameType

from django.db import DatabaseError, close_old_connections, connection

from beffroi.base.tasks import queue
from beffroi.base.tasks.clock import follow_jumps, now
from beffroi.base.tasks.models import Task
from beffroi.base.tasks.presence import Presence, dead_workers
from beffroi.base.tasks.registry import find
from beffroi.base.tasks.wake import WakeSocket, run_folder

log = logging.getLogger("beffroi.worker")
#: With nothing to do, look at least this often: a lost wake-up is late by no more.
LONGEST_SLEEP = 30.0
#: After the database refused, wait this long.
PAUSE_AFTER_REFUSAL = 1.0


class Worker:
    """One thread does urgent tasks only, `threads` others do whatever is due."""

    def __init__(self, threads: int = 1, lease: timedelta = queue.LEASE) -> None:
        self._lease = lease
        self._lanes = [True] + [False] * threads
        self._stopping = threading.Event()
        self._changed = threading.Condition()
        self._generation = 0
        self._tokens: set[str] = set()
        self._presence = Presence(run_folder())
        self._socket = WakeSocket(run_folder(), self._presence.name)

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Finish the tasks begun, claim no other, and return from `run`."""
        self._stopping.set()
        self._socket.wake()

    def run(self) -> None:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, self.stop)
            signal.signal(signal.SIGINT, self.stop)
        threads = [
            threading.Thread(target=self._work, args=(urgent,), name="urgent" if urgent else "any")
            for urgent in self._lanes
        ]
        for thread in threads:
            thread.start()
        try:
            self._watch()
        finally:
            self._stopping.set()
            self._notify()
            while any(thread.is_alive() for thread in threads):
                self._keep_leases()
                threads[0].join(0.2)
                threads[-1].join(0.2)
            self._presence.leave()
            self._socket.close()
            connection.close()

    def _watch(self) -> None:
        planned = False
        renew_at = 0.0
        while not self._stopping.is_set():
            try:
                self._socket.listen_to_database()
                if not planned:
                    queue.plan_periodic_tasks()
                    planned = True
                for name in dead_workers(run_folder()):
                    freed = queue.release(f"{name}:")
                    log.warning("worker %s died; %d of its tasks start again", name, freed)
                back = follow_jumps(self._lease)
                if back:
                    log.warning("the clock was set back by %s; tasks were brought forward", back)
                queue.run_schedule()
                if time.monotonic() >= renew_at:
                    self._keep_leases()
                    renew_at = time.monotonic() + self._lease.total_seconds() / 3
                sleep = self._seconds_until_next()
            except DatabaseError as error:
                log.warning("the database refused: %s", error)
                connection.close()
                sleep = PAUSE_AFTER_REFUSAL
            self._notify()
            if self._tokens:
                sleep = min(sleep, self._lease.total_seconds() / 3)
            self._socket.wait(sleep)
            close_old_connections()

    def _seconds_until_next(self) -> float:
        due = queue.next_due()
        if due is None:
            return LONGEST_SLEEP
        return min(max((due - now()).total_seconds(), 0.001), LONGEST_SLEEP)

    def _keep_leases(self) -> None:
        tokens = list(self._tokens)
        if tokens:
            try:
                queue.renew(tokens, self._lease)
            except DatabaseError as error:
                log.warning("leases not renewed, will be tried again: %s", error)

    def _notify(self) -> None:
        with self._changed:
            self._generation += 1
            self._changed.notify_all()

    def _work(self, urgent_only: bool) -> None:
        while not self._stopping.is_set():
            seen = self._generation
            token = f"{self._presence.name}:{secrets.token_hex(8)}"
            self._tokens.add(token)
            try:
                task = queue.claim(token, urgent_only, self._lease)
                if task is not None:
                    self._do(task)
            except DatabaseError as error:
                log.warning("the database refused: %s", error)
                connection.close()
                self._stopping.wait(PAUSE_AFTER_REFUSAL)
                continue
            finally:
                self._tokens.discard(token)
                close_old_connections()
            if task is None:
                with self._changed:
                    self._changed.wait_for(
                        lambda seen=seen: self._generation != seen or self._stopping.is_set()  # type: ignore[misc]
                    )
        connection.close()

    def _do(self, task: Task) -> None:
        try:
            if task.tries > find(task.name).tries:
                raise RuntimeError("The worker died each time it did this task")
            queue.run(task)
        except queue.LeaseLost:
            log.warning("%s %d went to another worker", task.name, task.pk)
        except queue.TryLater as reason:
            log.info("%s %d waits: %s", task.name, task.pk, reason)
            queue.failed(task, reason)
        except Exception as error:  # noqa: BLE001 - a task's failure is kept with it, and never stops the worker
            given_up = queue.failed(task, error)
            log.warning(
                "%s %d failed (try %d%s): %r",
                task.name,
                task.pk,
                task.tries,
                ", given up" if given_up else "",
                error,
            )
