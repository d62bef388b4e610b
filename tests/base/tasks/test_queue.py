"""What becomes of a task: put in, claimed, done, tried again, given up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from beffroi.base.tasks import clock, command, queue
from beffroi.base.tasks.models import Schedule, Task
from beffroi.base.tasks.public import TryLater, counts, enqueue, every, given_up, run_pending, task

pytestmark = pytest.mark.django_db


@pytest.fixture
def said() -> list[Any]:
    return []


@pytest.fixture
def say(said: list[Any]) -> Any:
    @task("test.say", tries=3, first_wait=10)
    def say(word: str) -> None:
        """Says a word."""
        said.append(word)

    return say


def test_a_task_exists_only_if_its_transaction_commits(say: Any, said: list[Any]) -> None:
    with transaction.atomic():
        enqueue(say, word="never")
        transaction.set_rollback(True)
    with transaction.atomic():
        enqueue(say, word="once")
    assert run_pending() == 1
    assert said == ["once"]
    assert Task.objects.count() == 0


def test_a_function_that_is_no_task_is_refused() -> None:
    with pytest.raises(LookupError, match="declare it with @task"):
        enqueue(print, word="x")


def test_two_tasks_cannot_share_a_name(say: Any) -> None:
    with pytest.raises(ValueError, match=r"test\.say"):
        task("test.say")(lambda word: None)


def test_one_task_is_alive_per_key(say: Any, said: list[Any]) -> None:
    enqueue(say, key="k", word="first")
    enqueue(say, key="k", word="second")
    enqueue(say, key="other", word="third")
    run_pending()
    assert said == ["first", "third"]
    enqueue(say, key="k", word="fourth")
    run_pending()
    assert said[-1] == "fourth"


def test_a_key_asked_for_while_it_runs_runs_once_more(said: list[Any]) -> None:
    @task("test.follow")
    def follow() -> None:
        said.append(len(said))
        if len(said) == 1:
            enqueue(follow, key="follow")
            enqueue(follow, key="follow")

    enqueue(follow, key="follow")
    assert run_pending() == 2
    assert Task.objects.count() == 0


def test_a_sooner_wish_brings_the_waiting_task_forward(say: Any, said: list[Any]) -> None:
    enqueue(say, key="k", at=datetime(2100, 1, 1, tzinfo=UTC), word="planned")
    assert run_pending() == 0
    enqueue(say, key="k", word="now")
    assert run_pending() == 1
    assert said == ["planned"]


def test_a_sequence_runs_in_order_and_one_at_a_time(say: Any) -> None:
    for word in ("a", "b"):
        enqueue(say, sequence="s", word=word)
    enqueue(say, word="free")
    first = queue.claim("w:1")
    second = queue.claim("w:2")
    assert first is not None
    assert second is not None
    assert [first.arguments["word"], second.arguments["word"]] == ["a", "free"]
    assert queue.claim("w:3") is None
    queue.run(first)
    third = queue.claim("w:3")
    assert third is not None
    assert third.arguments["word"] == "b"


def test_urgent_tasks_pass_before_the_others(say: Any, said: list[Any]) -> None:
    task("test.urgent", urgent=True)(lambda: said.append("urgent"))
    enqueue(say, word="patient")
    enqueue("test.urgent")
    assert queue.claim("w:1", urgent_only=True) is not None
    assert queue.claim("w:2", urgent_only=True) is None
    assert queue.claim("w:3") is not None


def test_an_error_is_retried_later_then_kept(say: Any) -> None:
    enqueue(say, word="x")
    waits = []
    for tried in range(1, 4):
        current = queue.claim(f"w:{tried}")
        assert current is not None
        before = clock.now()
        over = queue.failed(current, ValueError("no paper"))
        assert over is (tried == 3)
        if not over:
            waits.append((Task.objects.get().due - before).total_seconds())
            assert queue.claim("w:early") is None
            Task.objects.update(due=before)
    assert 5 <= waits[0] <= 10.5
    assert 10 <= waits[1] <= 20.5
    assert queue.claim("w:late") is None
    assert "no paper" in given_up()[0].error
    assert counts().failed == 1


def test_a_peer_that_is_away_costs_no_try(said: list[Any]) -> None:
    @task("test.away", tries=1)
    def away() -> None:
        said.append("tried")
        raise TryLater("nobody there", 60)

    enqueue(away)
    assert run_pending() == 1
    waiting = Task.objects.get()
    assert (waiting.tries, waiting.token, waiting.failed_at) == (0, "", None)
    assert waiting.due > clock.now()


def test_a_lease_ends_and_its_late_holder_cannot_take_the_task_away(say: Any) -> None:
    enqueue(say, word="x")
    slow = queue.claim("slow:1", lease=timedelta(seconds=-1))
    quick = queue.claim("quick:1")
    assert slow is not None
    assert quick is not None
    assert not queue.done(slow)
    assert queue.done(quick)


def test_a_renewed_lease_does_not_end(say: Any) -> None:
    enqueue(say, word="x")
    assert queue.claim("w:1", lease=timedelta(seconds=-1)) is not None
    queue.renew(["w:1"])
    assert queue.claim("w:2") is None
    assert queue.release("w:") == 1
    assert queue.claim("w:2") is not None


def test_an_atomic_task_leaves_no_effect_when_its_lease_was_lost() -> None:
    @task("test.atomic", atomic=True)
    def write() -> None:
        Schedule.objects.create(name="effect", every=1, next=clock.now())

    enqueue(write)
    slow = queue.claim("slow:1", lease=timedelta(seconds=-1))
    assert queue.claim("quick:1") is not None
    assert slow is not None
    with pytest.raises(queue.LeaseLost):
        queue.run(slow)
    assert not Schedule.objects.filter(name="effect").exists()


def test_a_period_is_put_in_once_and_keeps_its_phase(said: list[Any]) -> None:
    every("test.tick", seconds=60)(lambda: said.append("tick"))
    queue.plan_periodic_tasks()
    Schedule.objects.exclude(name="test.tick").update(next=datetime(2100, 1, 1, tzinfo=UTC))
    start = clock.now() - timedelta(seconds=150)
    Schedule.objects.filter(name="test.tick").update(next=start)
    assert queue.run_schedule() == 1
    assert queue.run_schedule() == 0
    assert Schedule.objects.get(name="test.tick").next == start + timedelta(seconds=180)
    assert run_pending() == 1
    assert said == ["tick"]


def test_a_period_does_not_pile_up_behind_a_slow_run() -> None:
    every("test.tick", seconds=60)(lambda: None)
    queue.plan_periodic_tasks()
    for _ in range(3):
        past = clock.now() - timedelta(seconds=1)
        Schedule.objects.filter(name="test.tick").update(next=past)
        queue.run_schedule()
    assert Task.objects.filter(name="test.tick").count() == 1


def test_a_period_no_longer_declared_is_forgotten() -> None:
    Schedule.objects.create(name="test.gone", every=1, next=clock.now())
    queue.plan_periodic_tasks()
    assert not Schedule.objects.filter(name="test.gone").exists()


def test_a_clock_set_back_neither_stops_nor_repeats(
    say: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    every("test.tick", seconds=60)(lambda: None)
    queue.plan_periodic_tasks()
    clock.follow_jumps(queue.LEASE)
    planned = clock.now() + timedelta(minutes=5)
    enqueue(say, word="waits")
    enqueue(say, word="runs")
    enqueue(say, word="planned", at=planned)
    running = queue.claim("w:1")
    assert running is not None

    wall = clock._wall
    monkeypatch.setattr(clock, "_wall", lambda: wall() - timedelta(hours=1))
    if clock.follow_jumps(queue.LEASE) == timedelta(0):
        pytest.fail("the jump was not seen") if _on_sqlite() else None
        return
    assert clock.follow_jumps(queue.LEASE) == timedelta(0)
    again = queue.claim("w:2")
    assert again is not None
    assert again.pk != running.pk
    assert queue.claim("w:3") is None
    assert Task.objects.get(planned=True).due == planned
    assert Schedule.objects.get(name="test.tick").next <= clock.now()


def _on_sqlite() -> bool:
    from django.db import connection

    return connection.vendor == "sqlite"


def test_the_command_shows_and_retries(
    say: Any, said: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    enqueue(say, key="k", word="again")
    Task.objects.update(failed_at=clock.now(), tries=3, error="Traceback\nValueError: no paper")
    assert command.run(["list", "--errors"]) == 0
    shown = capsys.readouterr().out
    assert "given up 1" in shown
    assert "ValueError: no paper" in shown
    number = str(Task.objects.get().pk)
    assert command.run(["retry", number]) == 0
    assert run_pending() == 1
    assert said == ["again"]
    assert command.run(["retry", number]) == 1
    assert "No given-up task" in capsys.readouterr().err


def test_a_retry_whose_key_is_taken_again_is_refused(
    say: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    enqueue(say, key="k", word="old")
    Task.objects.update(failed_at=clock.now())
    enqueue(say, key="k", word="new")
    assert command.run(["retry", str(given_up()[0].pk)]) == 1
    assert "waiting already" in capsys.readouterr().err
