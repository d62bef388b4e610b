"""Those who use a town that dies all the time: each tries again until it has an answer, and notes it."""

from __future__ import annotations

import http.client
import re
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import requests
from tests.conftest import PASSWORD

_TIMEOUT = 15.0


class Townsperson(threading.Thread):
    """Does one thing again and again until told to stop; `done` counts what was acknowledged."""

    def __init__(self, origin: str) -> None:
        super().__init__(name=type(self).__name__)
        self.origin = origin
        self.session = requests.Session()
        self.finishing = threading.Event()
        self.done = 0
        self.refusals: list[str] = []

    def run(self) -> None:
        while not self.finishing.is_set():
            self.act()
            time.sleep(0.02)

    def act(self) -> None:
        raise NotImplementedError

    def insist(self, send: Callable[[], requests.Response]) -> requests.Response:
        """Send until somebody answers who knows: a broken line or a 5xx says nothing."""
        while True:
            try:
                answer = send()
            except requests.RequestException:
                time.sleep(0.05)
                continue
            if answer.status_code < 500:
                return answer
            time.sleep(0.05)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.insist(
            lambda: self.session.get(self.origin + path, timeout=_TIMEOUT, **options)
        )

    def post(self, path: str, **options: Any) -> requests.Response:
        return self.insist(
            lambda: self.session.post(self.origin + path, timeout=_TIMEOUT, **options)
        )


class Meter(Townsperson):
    """A device that sends its readings by HTTP, one after the other."""

    def __init__(self, origin: str, token: str, message: Callable[[int], bytes]) -> None:
        super().__init__(origin)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._message = message

    def act(self) -> None:
        body = self._message(self.done)
        answer = self.post("/api/v1/objects/readings", data=body, headers=self._headers)
        if answer.status_code != 202:
            self.refusals.append(answer.text)
        self.done += 1


class Resident(Townsperson):
    """Books the first free slot, again and again, beside others who want the same one."""

    def __init__(self, origin: str, reason: int) -> None:
        super().__init__(origin)
        self._reason = reason
        self.booked: list[str] = []
        self.lost_races = 0

    def act(self) -> None:
        slots = self.get("/api/v1/appointments/slots", params={"reason": self._reason}).json()
        first = slots["slots"][0]
        wanted = {"reason": self._reason, "site": first["site"], "starts_at": first["starts_at"]}
        key = {"Idempotency-Key": uuid.uuid4().hex}
        held = self.post("/api/v1/appointments/holds", json=wanted, headers=key)
        if held.status_code == 409:
            self.lost_races += 1
            return
        ref = held.json()["ref"]
        who = {"given_name": "Jeanne", "family_name": "Martin", "email": "jeanne@vernay.example"}
        answer = self.post(f"/api/v1/appointments/holds/{ref}/confirm", json=who)
        if answer.status_code == 200:
            self.booked.append(ref)
            self.done += 1
        else:
            self.refusals.append(answer.text)


class Agent(Townsperson):
    """Writes a notice and publishes it; after a broken line, looks first whether it is there."""

    def __init__(self, origin: str) -> None:
        super().__init__(origin)
        self.published: dict[str, str] = {}

    def log_in(self) -> None:
        self.get("/connexion/")
        form = {"username": "agent@vernay.example", "password": PASSWORD, **self._csrf()}
        answer = self.post("/connexion/", data=form)
        assert "/bureau/" in answer.url, answer.url

    def act(self) -> None:
        title = f"Travaux numéro {self.done}"
        ref = self._ref_of(title)
        while not ref:
            form = {
                "title": title,
                "body": "La rue est barrée.",
                "domain": "roads",
                "severity": "2",
            }
            try:
                self.session.post(
                    self.origin + "/bureau/annonces/nouvelle/",
                    data={**form, **self._csrf()},
                    timeout=_TIMEOUT,
                )
            except requests.RequestException:
                time.sleep(0.05)
            ref = self._ref_of(title)
        answer = self.post(f"/bureau/annonces/{ref}/publier/", data=self._csrf())
        if answer.status_code == 200:
            self.published[ref] = title
            self.done += 1
        else:
            self.refusals.append(answer.text[:300])

    def _ref_of(self, title: str) -> str:
        page = self.get("/bureau/annonces/?etat=proposed").text
        found = re.search(rf'/bureau/annonces/([^/"]+)/">{re.escape(title)}<', page)
        return found[1] if found else ""

    def _csrf(self) -> dict[str, str]:
        return {"csrfmiddlewaretoken": self.session.cookies.get("beffroi_csrf") or ""}


class Reader(threading.Thread):
    """An open page: follows a topic, and comes back with the last event it has seen."""

    def __init__(self, port: int, topic: str) -> None:
        super().__init__(name="Reader", daemon=True)
        self._port = port
        self._topic = topic
        self.ids: list[str] = []
        self.data: list[str] = []
        self.connections = 0

    def run(self) -> None:
        while True:
            try:
                self._follow()
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)

    def _follow(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        headers = {"Last-Event-ID": self.ids[-1]} if self.ids else {}
        try:
            connection.request("GET", f"/.well-known/mercure?topic={self._topic}", headers=headers)
            response = connection.getresponse()
            if response.status != 200:
                raise ConnectionError(response.status)
            self.connections += 1
            event: dict[str, str] = {}
            while line := response.readline():
                name, _, text = line.decode().rstrip("\n").partition(": ")
                if name:
                    event[name] = text
                elif "data" in event:
                    self.ids.append(event["id"])
                    self.data.append(event["data"])
                    event = {}
        finally:
            connection.close()
