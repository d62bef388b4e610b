"""One authority's slots in memory, kept equal to the database.

The calendar is a cache; the truth is the claims table and its constraint. Each agent carries two
stamps, renewed in the transaction that changes its claims or its openings. A search compares
one sum of stamps and reloads what changed, so that every process is fresh right after any write.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from django.db import connection
from django.db.models import Count, Q, Sum
from django.utils import timezone
from numpy.typing import NDArray

from beffroi.base.authorities.models import Authority

from .engine.grid import Cells, cell_after, cell_of
from .engine.holidays import public_holidays
from .engine.slots import Calendar, Openings, Rows, minutes_of
from .models import Absence, Agent, Claim, Opening, Reason, ResourceKind

#: A window holds what most searches ask, and is built again when the week changes.
WINDOW_DAYS = 26 * 7
MOST_WINDOWS = 8
FOREVER = np.datetime64("9999-12-31", "D")
CHUNK = 200_000


@dataclass(frozen=True)
class Selection:
    """What is asked for: a reason, perhaps at one site, perhaps with one agent."""

    reason: Reason
    site_id: int | None = None
    agent_id: int | None = None


@dataclass(frozen=True)
class Slots:
    """Slots in order of start: (n,) agent ids, site ids and first cells."""

    agent: Rows
    site: Rows
    start: Cells

    def __len__(self) -> int:
        return len(self.start)


@dataclass(frozen=True)
class Plan:
    """Openings as the engine wants them, and what turns its row numbers into identifiers."""

    agent_ids: Rows
    site_ids: Rows
    agent_row: Rows
    site_row: Rows
    serves: dict[int, NDArray[np.bool_]]
    calendar: Calendar

    def offered(self, wanted: Selection) -> NDArray[np.bool_]:
        offered = self.serves.get(wanted.reason.pk)
        if offered is None:
            return np.zeros(len(self.site_row), np.bool_)
        if wanted.site_id is not None:
            offered = offered & (self.site_ids[self.site_row] == wanted.site_id)
        if wanted.agent_id is not None:
            offered = offered & (self.agent_ids[self.agent_row] == wanted.agent_id)
        return offered


class Window:
    """The calendar of all agents of one authority over some weeks."""

    def __init__(self, authority: Authority, first_day: dt.date, days: int) -> None:
        self.authority_id = authority.pk
        self.zone = authority.zone
        self.first_day, self.last_day = first_day, first_day + dt.timedelta(days=days - 1)
        self.holidays = frozenset(
            day
            for year in range(first_day.year, self.last_day.year + 1)
            for day in public_holidays(year, authority.insee)
        )
        self._lock = threading.Lock()
        self._plan: Plan
        self._signature: tuple[int, int, int] | None = None
        self._rules: tuple[int, int] | None = None
        self._next_expiry: dt.datetime | None = None

    def covers(self, first_day: dt.date, last_day: dt.date) -> bool:
        return self.first_day <= first_day and last_day <= self.last_day

    def refresh(self) -> None:
        """Take over what changed since the last search. One short query when nothing did."""
        with self._lock:
            totals = Agent.objects.filter(authority_id=self.authority_id).aggregate(
                number=Count("pk"), calendar=Sum("calendar_stamp"), rules=Sum("rules_stamp")
            )
            signature = (totals["number"], totals["calendar"] or 0, totals["rules"] or 0)
            expired = self._next_expiry is not None and self._next_expiry <= timezone.now()
            if signature == self._signature and not expired:
                return
            rules = (signature[0], signature[2])
            if rules != self._rules:
                plan = self._load_plan()
                changed = np.arange(len(plan.agent_ids))
            else:
                plan = self._plan
                changed = self._changed_rows(expired)
            self._load_taken(plan, changed)
            self._plan = plan
            self._rules, self._signature = rules, signature

    def find(
        self, wanted: Selection, first_day: dt.date, last_day: dt.date, not_before: int = 0
    ) -> Slots:
        """Slots of the selection on local days, both included, from the cell `not_before` on."""
        plan = self._plan
        found = plan.calendar.slots(
            plan.offered(wanted), wanted.reason.cells, first_day, last_day, not_before
        )
        return Slots(
            plan.agent_ids[found.agent], plan.site_ids[plan.site_row[found.opening]], found.start
        )

    def first_in_sites(
        self, reason: Reason, first_day: dt.date, last_day: dt.date, not_before: int = 0
    ) -> dict[int, int]:
        """The first cell of each site that has a slot."""
        plan = self._plan
        first = plan.calendar.first_slots(
            plan.offered(Selection(reason)),
            plan.site_row,
            len(plan.site_ids),
            reason.cells,
            first_day,
            last_day,
            not_before,
        )
        pairs = zip(plan.site_ids.tolist(), first.tolist(), strict=True)
        return {site: cell for site, cell in pairs if cell >= 0}

    def _load_plan(self) -> Plan:
        stamps = list(
            Agent.objects.filter(authority_id=self.authority_id)
            .order_by("pk")
            .values_list("pk", "calendar_stamp")
        )
        agent_ids: Rows = np.array([pk for pk, _ in stamps], np.int64)
        self._stamps: Rows = np.array([stamp for _, stamp in stamps], np.int64)
        self._next_expiries: dict[int, dt.datetime] = {}
        rules = list(
            Opening.objects.filter(
                Q(last_day__isnull=True) | Q(last_day__gte=self.first_day),
                authority_id=self.authority_id,
                agent__is_active=True,
                first_day__lte=self.last_day,
            )
            .order_by("pk")
            .values_list(
                "pk", "agent_id", "site_id", "weekday", "starts", "ends", "first_day", "last_day",
                "every_weeks", "excluded_days",
            )
        )  # fmt: skip
        columns = list(zip(*rules, strict=True)) or [()] * 10
        row_of = {pk: row for row, pk in enumerate(columns[0])}
        agent_row: Rows = np.searchsorted(agent_ids, np.array(columns[1], np.int64))
        site_ids, site_row = np.unique(np.array(columns[2], np.int64), return_inverse=True)
        serves: dict[int, NDArray[np.bool_]] = {}
        served = Opening.reasons.through.objects.filter(opening__authority_id=self.authority_id)
        for reason_id, opening_id in served.values_list("reason_id", "opening_id"):
            if opening_id in row_of:
                mask = serves.setdefault(reason_id, np.zeros(len(rules), np.bool_))
                mask[row_of[opening_id]] = True
        calendar = Calendar(
            len(agent_ids),
            Openings(
                agent=agent_row,
                weekday=np.array(columns[3], np.int64),
                starts=np.array([minutes_of(time) for time in columns[4]], np.int64),
                ends=np.array([minutes_of(time) for time in columns[5]], np.int64),
                first_day=np.array(columns[6], "datetime64[D]"),
                last_day=np.array([day or FOREVER for day in columns[7]], "datetime64[D]"),
                every=np.array(columns[8], np.int64),
                excluded=tuple(
                    (row, dt.date.fromisoformat(day))
                    for row, excluded in enumerate(columns[9])
                    for day in excluded
                ),
            ),
            self.first_day,
            (self.last_day - self.first_day).days + 1,
            self.zone,
            self.holidays,
        )
        return Plan(agent_ids, site_ids, agent_row, site_row, serves, calendar)

    def _changed_rows(self, expired: bool) -> Rows:
        now = timezone.now()
        current = dict(
            Agent.objects.filter(authority_id=self.authority_id).values_list("pk", "calendar_stamp")
        )
        stamps = np.array([current[pk] for pk in self._plan.agent_ids.tolist()], np.int64)
        changed = set(np.flatnonzero(stamps != self._stamps).tolist())
        if expired:
            changed |= {row for row, moment in self._next_expiries.items() if moment <= now}
        self._stamps = stamps
        return np.array(sorted(changed), np.int64)

    def _load_taken(self, plan: Plan, rows: Rows) -> None:
        """Read claims and absences of the agents of these rows into the calendar."""
        if not len(rows):
            return
        chosen = plan.agent_ids[rows].tolist()
        everyone = len(chosen) == len(plan.agent_ids)
        agent, cell = self._claims(plan, None if everyone else chosen)
        absences = Absence.objects.filter(
            authority_id=self.authority_id,
            ends_at__gt=dt.datetime.combine(self.first_day, dt.time(), self.zone),
        )
        if not everyone:
            absences = absences.filter(agent__in=chosen)
        away = list(absences.values_list("agent_id", "starts_at", "ends_at"))
        plan.calendar.occupy(
            rows,
            np.searchsorted(
                plan.agent_ids, np.concatenate([agent, np.array([a for a, _, _ in away], np.int64)])
            ),
            np.concatenate([cell, np.array([cell_of(s) for _, s, _ in away], np.int64)]),
            np.concatenate([cell + 1, np.array([cell_after(e) for _, _, e in away], np.int64)]),
        )
        self._note_expiries(rows, chosen)

    def _claims(self, plan: Plan, agent_ids: list[int] | None) -> tuple[Rows, Cells]:
        """(agent id, cell) of every claim of the window that has not expired.

        Read as plain numbers, in chunks: a large town has millions of them.
        """
        standing = Claim.objects.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()),
            resource_kind=ResourceKind.AGENT,
            cell__gte=plan.calendar.first_cell,
            cell__lt=plan.calendar.end_cell,
        )
        if agent_ids is not None:
            standing = standing.filter(resource_id__in=agent_ids)
        else:
            standing = standing.filter(
                resource_id__gte=plan.agent_ids[0], resource_id__lte=plan.agent_ids[-1]
            )
        query, parameters = standing.values_list("resource_id", "cell").query.sql_with_params()
        blocks: list[NDArray[np.int64]] = []
        with connection.cursor() as cursor:
            cursor.execute(query, parameters)
            while rows := cursor.fetchmany(CHUNK):
                blocks.append(np.array(rows, np.int64))
        pairs = np.concatenate(blocks) if blocks else np.empty((0, 2), np.int64)
        if agent_ids is None:
            pairs = pairs[np.isin(pairs[:, 0], plan.agent_ids)]
        return pairs[:, 0], pairs[:, 1]

    def _note_expiries(self, rows: Rows, agent_ids: list[int]) -> None:
        """Remember when the next hold of these agents becomes void without anybody writing it."""
        for row in rows.tolist():
            self._next_expiries.pop(row, None)
        holds = Claim.objects.filter(
            resource_kind=ResourceKind.AGENT, expires_at__gt=timezone.now()
        ).values_list("resource_id", "expires_at")
        wanted = dict(zip(agent_ids, rows.tolist(), strict=True))
        for agent_id, expires_at in holds.distinct():
            if agent_id in wanted and expires_at is not None:
                row = wanted[agent_id]
                self._next_expiries[row] = min(self._next_expiries.get(row, expires_at), expires_at)
        self._next_expiry = min(self._next_expiries.values(), default=None)


_windows: OrderedDict[tuple[int, str, str, dt.date, int], Window] = OrderedDict()
_windows_lock = threading.Lock()


def window_for(authority: Authority, first_day: dt.date, last_day: dt.date) -> Window:
    """A fresh window that covers the days, built if none does. Outside any transaction that may
    be rolled back, what it saw there would stay in memory until the next write."""
    with _windows_lock:
        window = next(_known(authority, first_day, last_day), None)
        if window is None:
            monday = first_day - dt.timedelta(days=first_day.weekday())
            days = max(WINDOW_DAYS, (last_day - monday).days + 1)
            window = Window(authority, monday, days)
            _windows[_key(authority, monday, days)] = window
            while len(_windows) > MOST_WINDOWS:
                _windows.popitem(last=False)
    window.refresh()
    return window


def _key(authority: Authority, monday: dt.date, days: int) -> tuple[int, str, str, dt.date, int]:
    return authority.pk, authority.time_zone, authority.insee, monday, days


def _known(authority: Authority, first_day: dt.date, last_day: dt.date) -> Iterator[Window]:
    for key, window in list(_windows.items()):
        if key[:3] == _key(authority, first_day, 0)[:3] and window.covers(first_day, last_day):
            _windows.move_to_end(key)
            yield window
