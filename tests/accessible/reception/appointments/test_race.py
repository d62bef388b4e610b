"""Twenty residents want the same forty slots at once, over HTTP, on both databases."""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.accessible.reception.appointments.real_server import Server, serving, write_agenda
from tests.postgresql import postgresql

CLIENTS, SLOTS = 20, 40


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    with contextlib.ExitStack() as stack:
        settings = {}
        if request.param == "postgresql":
            settings["BEFFROI_DATABASE_URL"] = stack.enter_context(postgresql())
        yield stack.enter_context(
            serving(write_agenda(tmp_path_factory.mktemp("agenda")), **settings)
        )


def a_full_day(server: Server) -> tuple[int, list[str]]:
    """The reason, and the starts of the first day on which nothing is taken."""
    reason = server.call("GET", "appointments/reasons")[1][0]["id"]
    starts = [
        s["starts_at"]
        for s in server.call("GET", f"appointments/slots?reason={reason}")[1]["slots"]
    ]
    days = Counter(start[:10] for start in starts)
    day = next(day for day, number in sorted(days.items()) if number == SLOTS)
    return reason, [start for start in starts if start.startswith(day)]


@pytest.mark.peer
def test_forty_slots_are_won_by_forty_and_refused_to_the_others(server: Server) -> None:
    reason, starts = a_full_day(server)

    def resident(number: int) -> list[tuple[int, str, object]]:
        mine = random.Random(number).sample(starts, len(starts))
        outcome = []
        for start in mine:
            status, answer = server.call(
                "POST",
                "appointments/holds",
                {"reason": reason, "starts_at": start},
                Idempotency_Key=f"{number}-{start}",
            )
            if status == 201:
                contact = {"family_name": f"Nº {number}", "phone": "0612345678"}
                confirmed, _ = server.call(
                    "POST", f"appointments/holds/{answer['ref']}/confirm", contact
                )
                assert confirmed == 200
            outcome.append((status, start, answer))
        return outcome

    with ThreadPoolExecutor(CLIENTS) as pool:
        outcomes = [one for found in pool.map(resident, range(CLIENTS)) for one in found]

    statuses = Counter(status for status, _, _ in outcomes)
    assert statuses == {201: SLOTS, 409: CLIENTS * SLOTS - SLOTS}
    winners = Counter(start for status, start, _ in outcomes if status == 201)
    assert winners == dict.fromkeys(starts, 1)
    losers = [answer for status, _, answer in outcomes if status == 409]
    assert all(len(answer["alternatives"]) == 3 for answer in losers)
    day = starts[0][:10]
    left = server.call("GET", f"appointments/slots?reason={reason}&first_day={day}&last_day={day}")[
        1
    ]
    assert left["slots"] == []
    for status, start, answer in outcomes:
        if status == 201:
            kept = server.call("GET", f"appointments/appointments/{answer['ref']}")[1]
            assert (kept["status"], kept["starts_at"]) == ("confirmed", answer["starts_at"])
            again = server.call(
                "POST",
                "appointments/holds",
                {"reason": reason, "starts_at": start},
                Idempotency_Key="another",
            )
            assert again[0] == 409


@pytest.mark.peer
def test_the_same_request_twenty_times_at_once_is_one_hold(server: Server) -> None:
    reason, starts = a_full_day(server)
    body = {"reason": reason, "starts_at": starts[0]}

    def again(_: int) -> tuple[int, object]:
        return server.call("POST", "appointments/holds", body, Idempotency_Key="one")

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(again, range(CLIENTS)))
    assert {status for status, _ in answers} == {201}
    assert len({answer["ref"] for _, answer in answers}) == 1
