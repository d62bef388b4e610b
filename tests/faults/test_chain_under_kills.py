"""A whole town in use, whose processes are killed at random moments: nothing is lost or doubled."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from tests.faults.conftest import CHECKOUT, wait_for
from tests.faults.flow import Flow
from tests.faults.planting import BLOCK, message
from tests.faults.townspeople import Agent, Meter, Reader, Resident, Townsperson
from tests.real.whole_town import WholeTown, environment, free_port

KILLS = 32
SERVICES = ("web", "live", "worker", "intake")
#: The real supervisor, but a service that was killed eight times comes back without its long pause.
IMPATIENT = (
    "from beffroi.project import supervisor; supervisor.LONGEST_WAIT = 0.4\n"
    "from beffroi.project.operations.up import run; raise SystemExit(run([]))"
)


class Town(WholeTown):
    def start(self) -> Town:
        self.process = subprocess.Popen(
            [sys.executable, "-c", IMPATIENT],
            env=self.environment,
            stdout=(self.folder.parent / f"{self.folder.name}.console").open("wb"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        return self

    @property
    def environment(self) -> dict[str, str]:
        return {
            **environment(self.folder, BEFFROI_PORT=str(self.port), **self.settings),
            "BEFFROI_TEST_MARK": self.mark,
            "DJANGO_SETTINGS_MODULE": "beffroi.project.settings",
        }

    def ask(self, question: str) -> Any:
        """One of the programs of planting.py, in the town's installation."""
        variables = self.environment
        variables["PYTHONPATH"] += os.pathsep + str(CHECKOUT)
        del variables["BEFFROI_TEST_MARK"]
        command = [sys.executable, "-m", "tests.faults.planting", question]
        done = subprocess.run(
            command, env=variables, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def kill_one_of(self, service: str, dice: random.Random) -> int:
        """SIGKILL to a process of the service, whichever; 0 when none lives just now."""
        alive = self.pids(f"beffroi.project.services.{service}")
        if not alive:
            return 0
        with suppress(ProcessLookupError):
            os.kill(dice.choice(alive), signal.SIGKILL)
            return 1
        return 0


@pytest.fixture
def town() -> Iterator[Town]:
    settings = {
        "BEFFROI_REQUESTS_PER_SECOND": "100000",
        "BEFFROI_REQUEST_BURST": "100000",
        "BEFFROI_MQTT_RATE": "100000",
        "BEFFROI_MQTT_PORT": str(free_port()),
    }
    made = Town(None, None, **settings)
    try:
        made.start().ready()
        yield made
    finally:
        made.remove()


@pytest.mark.faults
@pytest.mark.peer
def test_nothing_is_lost_or_doubled(town: Town) -> None:
    planted = town.ask("plant")
    origin = f"http://127.0.0.1:{town.port}"
    flow = Flow(
        int(town.settings["BEFFROI_MQTT_PORT"]),
        "meter-mqtt",
        planted["tokens"]["meter-mqtt"],
        message,
        pause=0.01,
    )
    meter = Meter(origin, planted["tokens"]["meter-http"], message)
    residents = [Resident(origin, planted["reason"]) for _ in range(2)]
    agent = Agent(origin)
    agent.log_in()
    reader = Reader(town.port, "/notices/vernay")
    reader.start()
    wait_for(lambda: reader.connections, what="the open page")
    people: list[Townsperson] = [meter, *residents, agent]
    for thread in (flow, *people):
        thread.start()

    kills = kill_at_random_moments(town, [lambda: len(flow.acknowledged), *map(done_by, people)])

    flow.finish()
    for person in people:
        person.finishing.set()
    for thread in (flow, *people):
        thread.join(60)
        assert not thread.is_alive(), f"{thread.name} still waits for an answer"
    found = wait_until_quiet(town)
    wait_for(lambda: agent.published.keys() <= notices_in(reader), what="telling the open page")

    assert sum(kills.values()) >= 30, kills
    assert [refusal for person in people for refusal in person.refusals] == []
    # No acknowledged write lost, none doubled.
    assert flow.acknowledged == set(range(flow.sent))
    assert found["readings"]["meter-mqtt"] == list(range(flow.sent))
    assert found["readings"]["meter-http"] == list(range(meter.done))
    assert found["booked"] == sorted(ref for resident in residents for ref in resident.booked)
    assert found["published"] == sorted(agent.published.values())
    assert found["notices"] == len(agent.published)
    # What follows from them: each insight once, each event at the open page once.
    for device, sent in (("meter-mqtt", flow.sent), ("meter-http", meter.done)):
        opened = (sent - 1 + BLOCK) // (2 * BLOCK)
        still_open = int((sent - 1) // BLOCK % 2)
        assert found["insights"][device] == [opened, still_open], (device, sent)
    assert len(reader.ids) == len(set(reader.ids)) == len(agent.published)
    # No job stuck.
    assert found["given_up"] == []
    assert found["rejected"] == []
    assert town.stop() == 0


def done_by(person: Townsperson) -> Callable[[], int]:
    return lambda: person.done


def kill_at_random_moments(town: Town, progress: list[Callable[[], int]]) -> dict[str, int]:
    """Rounds of one kill for each service, in random order; between two rounds all get on."""
    dice = random.Random(11)
    kills = dict.fromkeys(SERVICES, 0)
    while sum(kills.values()) < KILLS:
        before = [measure() for measure in progress]
        for service in dice.sample(SERVICES, len(SERVICES)):
            time.sleep(dice.uniform(0.0, 0.4))
            kills[service] += town.kill_one_of(service, dice)
        for measure, start in zip(progress, before, strict=True):
            wait_for(more_than(measure, start), what=f"progress after {kills}")
    return kills


def more_than(measure: Callable[[], int], start: int) -> Callable[[], bool]:
    return lambda: measure() > start


def notices_in(reader: Reader) -> set[str]:
    return {json.loads(data)["notice"] for data in reader.data}


def wait_until_quiet(town: Town) -> dict[str, Any]:
    """What the town holds once nothing waits any more."""
    found: dict[str, Any] = {}

    def quiet() -> bool:
        found.update(town.ask("count"))
        return not (found["waiting"] or found["unannounced"] or found["unhandled"])

    try:
        wait_for(quiet, what="quiet")
    except AssertionError:
        pytest.fail(
            f"still waiting: { ({k: found[k] for k in ('waiting', 'unannounced', 'unhandled')}) }"
        )
    return found
