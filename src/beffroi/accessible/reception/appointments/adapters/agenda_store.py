"""Writing an imported agenda: each record judged alone, all that pass written in bulk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import IntegrityError, connection, models, transaction
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext as _

from beffroi.base.access.public import Actor
from beffroi.base.audit.public import record
from beffroi.base.authorities.models import Service, Site
from beffroi.base.imports.public import Report
from beffroi.base.people.public import Person

from ..engine.grid import CELL_MINUTES, CELL_SECONDS, wall_seconds
from ..models import (
    Absence,
    Agent,
    Appointment,
    Claim,
    Opening,
    Origin,
    Reason,
    ResourceKind,
    Status,
    new_stamp,
)
from .bulk import insert_many, many_refs
from .values import STATUSES, parse_day, parse_minute

Rows = list[tuple[int, dict[str, str]]]
MOST_TRIES = 3


class Refused(Exception):
    """A record that is not taken over, and why."""


class Store:
    """Takes over the records of one source for one authority, kind after kind."""

    def __init__(self, actor: Actor, service: str, report: Report) -> None:
        self.actor, self.authority, self.report = actor, actor.authority, report
        self.service_name = service
        self.zone = actor.authority.zone
        self._sites: dict[str, Site] = {}
        self._seconds: dict[tuple[dt.date, int], int] = {}
        self._moments: dict[int, object] = {}
        self._known = 0

    @cached_property
    def service(self) -> Service:
        return Service.objects.get_or_create(
            authority=self.authority,
            slug=slugify(self.service_name)[:60],
            defaults={"name": self.service_name[:120], "domain": "reception"},
        )[0]

    def reasons(self, rows: Rows) -> None:
        known = self._ids(Reason)
        for line, values in rows:
            with _Judged(self, line) as judged:
                minutes = _whole(values["duree_min"])
                if not 5 <= minutes <= 480 or minutes % CELL_MINUTES:
                    raise Refused(
                        _("une durée va de 5 à 480 minutes, par 5 : « %(value)s »")
                        % {"value": values["duree_min"]}
                    )
                judged.key = f"motif:{_whole(values['motif'])}"
                if judged.is_new(known):
                    label = _("Motif %(number)s") % {"number": values["motif"].strip()}
                    known[judged.key] = Reason.objects.create(
                        authority=self.authority,
                        service=self.service,
                        label=label,
                        duration=minutes,
                        external_id=judged.key,
                    ).pk
        self._reason_minutes = dict(
            Reason.objects.filter(authority=self.authority).values_list("pk", "duration")
        )

    def agents(self, rows: Rows) -> None:
        known = self._ids(Agent)
        new: list[tuple[str, str, Site]] = []
        for line, values in rows:
            with _Judged(self, line) as judged:
                number = _whole(values["agent"])
                site = self._site(values["lieu"])
                judged.key = f"agent:{number}"
                if judged.is_new(known):
                    known[judged.key] = 0
                    new.append((judged.key, _("Agent %(number)s") % {"number": number}, site))
        with transaction.atomic():
            people = Person.objects.bulk_create(
                Person(authority=self.authority, family_name=name) for _key, name, _site in new
            )
            Agent.objects.bulk_create(
                Agent(
                    authority=self.authority,
                    service=self.service,
                    site=site,
                    person=person,
                    name=name,
                    external_id=key,
                )
                for (key, name, site), person in zip(new, people, strict=True)
            )

    def openings(self, rows: Rows) -> None:
        known = self._ids(Opening)
        agents = self._ids(Agent)
        new = []
        for line, values in rows:
            with _Judged(self, line) as judged:
                weekday = _whole(values["jour_semaine_iso"])
                starts, ends = self._minutes(values)
                if not 1 <= weekday <= 7:
                    raise Refused(_("le jour va de 1 (lundi) à 7"))
                if starts % CELL_MINUTES or ends % CELL_MINUTES:
                    raise Refused(_("les heures vont de 5 en 5 minutes"))
                agent, site = self._find(agents, "agent", values), self._site(values["lieu"])
                judged.key = f"plage:{_whole(values['plage'])}"
                if judged.is_new(known):
                    known[judged.key] = 0
                    new.append(
                        Opening(
                            authority=self.authority,
                            agent_id=agent,
                            site=site,
                            weekday=weekday,
                            starts=_time(starts),
                            ends=_time(ends),
                            first_day=self.first_day,
                            external_id=judged.key,
                        )
                    )
        with transaction.atomic():
            Opening.objects.bulk_create(new)
            self._touch({opening.agent_id for opening in new}, rules=True)

    def served_reasons(self, rows: Rows) -> None:
        openings, reasons = self._ids(Opening), self._ids(Reason)
        through = Opening.reasons.through
        ours = through.objects.filter(opening__authority=self.authority)
        known = set(ours.values_list("opening_id", "reason_id"))
        new = []
        for line, values in rows:
            with _Judged(self, line) as judged:
                pair = self._find(openings, "plage", values), self._find(reasons, "motif", values)
                if judged.is_new(known, pair):
                    known.add(pair)
                    new.append(pair)
        with transaction.atomic():
            insert_many(through, ("opening_id", "reason_id"), new)
            chosen = Opening.objects.filter(pk__in={opening for opening, _ in new})
            self._touch(set(chosen.values_list("agent_id", flat=True)), rules=True)

    def absences(self, rows: Rows) -> None:
        known, agents = self._ids(Absence), self._ids(Agent)
        new = []
        for line, values in rows:
            with _Judged(self, line) as judged:
                first, last = parse_day(values["premier_jour"]), parse_day(values["dernier_jour"])
                if last < first:
                    raise Refused(_("l’absence finit avant de commencer"))
                agent = self._find(agents, "agent", values)
                judged.key = f"absence:{_whole(values['absence'])}"
                if judged.is_new(known):
                    known[judged.key] = 0
                    after = last + dt.timedelta(days=1)
                    new.append(
                        Absence(
                            authority=self.authority,
                            agent_id=agent,
                            starts_at=dt.datetime.combine(first, dt.time(), self.zone),
                            ends_at=dt.datetime.combine(after, dt.time(), self.zone),
                            external_id=judged.key,
                        )
                    )
        with transaction.atomic():
            Absence.objects.bulk_create(new)
            self._touch({absence.agent_id for absence in new})

    def appointments(self, rows: Rows) -> None:
        """Judged and written in one transaction; if somebody booked meanwhile, judged again."""
        for attempt in range(MOST_TRIES):
            try:
                with transaction.atomic():
                    self._appointments(rows)
                return
            except IntegrityError:
                if attempt == MOST_TRIES - 1:
                    raise
                self._forget_taken()

    def finish(self) -> None:
        if self._known:
            self.report.note(
                _("%(number)s enregistrements déjà présents, laissés tels quels.")
                % {"number": self._known}
            )
        with transaction.atomic():
            record(self.actor, "agenda.imported", None)

    def _appointments(self, rows: Rows) -> None:
        known, taken = self._appointment_keys, self._taken
        written: list[tuple[object, ...]] = []
        cells: dict[str, tuple[int, range]] = {}
        accepted, refused = 0, []
        for line, values in rows:
            try:
                key = f"rdv:{_whole(values['rdv'])}"
                if key in known or key in cells:
                    self._known += 1
                    continue
                agent = self._find(self._agent_ids, "agent", values)
                reason = self._find(self._reason_ids, "motif", values)
                status = STATUSES.get(values["statut"].strip())
                if status is None:
                    raise Refused(_("statut inconnu : « %(value)s »") % {"value": values["statut"]})
                starts, ends = self._minutes(values)
                day = parse_day(values["jour"])
                begin, end = self._second(day, starts), self._second(day, ends)
                if end <= begin:
                    raise Refused(_("cette heure n’existe pas ce jour-là (heure d’été)"))
                span = range(begin // CELL_SECONDS, -(-end // CELL_SECONDS))
                if status != Status.CANCELLED:
                    wanted = {agent << 32 | cell for cell in span}
                    if not taken.isdisjoint(wanted):
                        raise Refused(_("chevauche un autre rendez-vous du même agent"))
                    taken |= wanted
                    cells[key] = agent, span
                else:
                    cells[key] = agent, range(0)
            except (Refused, ValueError, KeyError) as reason_given:
                refused.append((line, _why(reason_given)))
                continue
            accepted += 1
            written.append(
                (agent, reason, self._agent_sites[agent], self._moment(begin), self._moment(end),
                 status, key)
            )  # fmt: skip
        self._write(written, cells)
        known.update(cells)
        self._touch({agent for agent, _span in cells.values()})
        self.report.accept(accepted)
        for line, why in refused:
            self.report.refuse(line, why)

    def _write(self, rows: list[tuple[object, ...]], cells: dict[str, tuple[int, range]]) -> None:
        before = Appointment.objects.aggregate(last=models.Max("pk"))["last"] or 0
        now = connection.ops.adapt_datetimefield_value(dt.datetime.now(dt.UTC))
        constants = (self.authority.pk, str(Origin.IMPORT), "{}", False, 0, now, now)
        insert_many(
            Appointment,
            ("ref", "agent_id", "reason_id", "site_id", "starts_at", "ends_at", "status",
             "external_id", "authority_id", "origin", "answers", "extended", "version", "created_at",
             "changed_at"),
            [(ref, *row, *constants) for ref, row in zip(many_refs(len(rows)), rows, strict=True)],
        )  # fmt: skip
        written = Appointment.objects.filter(authority=self.authority, pk__gt=before)
        insert_many(
            Claim,
            ("resource_kind", "resource_id", "cell", "seat", "holder_id"),
            [
                (str(ResourceKind.AGENT), cells[key][0], cell, 0, pk)
                for pk, key in written.values_list("pk", "external_id")
                if key in cells
                for cell in cells[key][1]
            ],
        )

    @cached_property
    def first_day(self) -> dt.date:
        """Openings have no date in this format: they begin on the Monday of this week at the
        latest, or on that of the first appointment of the source."""
        today = dt.datetime.now(self.zone).date()
        first = min(filter(None, (self.earliest, today)))
        return first - dt.timedelta(days=first.weekday())

    earliest: dt.date | None = None

    @cached_property
    def _agent_ids(self) -> dict[str, int]:
        return self._ids(Agent)

    @cached_property
    def _reason_ids(self) -> dict[str, int]:
        return self._ids(Reason)

    @cached_property
    def _agent_sites(self) -> dict[int, int]:
        fallback = self._site("0").pk if not self._sites else next(iter(self._sites.values())).pk
        pairs = Agent.objects.filter(authority=self.authority).values_list("pk", "site_id")
        return {agent: site or fallback for agent, site in pairs}

    @cached_property
    def _appointment_keys(self) -> set[str]:
        return set(self._ids(Appointment))

    @cached_property
    def _taken(self) -> set[int]:
        """Every claimed cell of the authority’s agents, as agent << 32 | cell."""
        claims = Claim.objects.filter(
            resource_kind=ResourceKind.AGENT, resource_id__in=list(self._agent_ids.values())
        )
        return {agent << 32 | cell for agent, cell in claims.values_list("resource_id", "cell")}

    def _forget_taken(self) -> None:
        for name in ("_taken", "_appointment_keys"):
            self.__dict__.pop(name, None)

    def _ids(self, model: type[models.Model]) -> dict[str, int]:
        known = model._default_manager.filter(authority=self.authority).exclude(external_id="")
        return dict(known.values_list("external_id", "pk"))

    def _find(self, ids: dict[str, int], column: str, values: dict[str, str]) -> int:
        number = _whole(values[column])
        try:
            return ids[f"{column}:{number}"]
        except KeyError:
            raise Refused(
                _("%(what)s « %(value)s » n’est pas dans le fichier correspondant")
                % {"what": column, "value": values.get(column, "")}
            ) from None

    def _site(self, number: str) -> Site:
        name = _("Lieu %(number)s") % {"number": _whole(number)}
        if name not in self._sites:
            self._sites[name] = Site.objects.get_or_create(authority=self.authority, name=name)[0]
        return self._sites[name]

    def _minutes(self, values: dict[str, str]) -> tuple[int, int]:
        starts, ends = parse_minute(values["debut"]), parse_minute(values["fin"])
        if ends <= starts:
            raise Refused(_("l’heure de fin n’est pas après l’heure de début"))
        return starts, ends

    def _second(self, day: dt.date, minute: int) -> int:
        known = self._seconds.get((day, minute))
        if known is None:
            known = self._seconds[day, minute] = wall_seconds(day, minute, self.zone)
        return known

    def _moment(self, second: int) -> object:
        """The instant as the database adapter wants it."""
        known = self._moments.get(second)
        if known is None:
            moment = dt.datetime.fromtimestamp(second, dt.UTC)
            known = self._moments[second] = connection.ops.adapt_datetimefield_value(moment)
        return known

    def _touch(self, agent_ids: set[int], *, rules: bool = False) -> None:
        field = "rules_stamp" if rules else "calendar_stamp"
        Agent.objects.filter(pk__in=agent_ids).update(**{field: new_stamp()})


class _Judged:
    """One record: counted when it passes, refused with a clear line when it does not."""

    def __init__(self, store: Store, line: int) -> None:
        self.store, self.line, self.key, self.repeated = store, line, "", False

    def __enter__(self) -> _Judged:
        return self

    def is_new(self, known: Collection[object], key: object = None) -> bool:
        self.repeated = (key or self.key) in known
        self.store._known += self.repeated
        return not self.repeated

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if error is None:
            self.store.report.accept(0 if self.repeated else 1)
            return False
        if not isinstance(error, (Refused, ValueError, KeyError)):
            return False
        self.store.report.refuse(self.line, _why(error))
        return True


def _whole(text: str) -> int:
    number = int(text)
    if not 0 <= number < 2**31:
        raise ValueError(text)
    return number


def _time(minute: int) -> dt.time:
    """24:00 is kept as 23:59, which the engine reads as midnight."""
    return dt.time(23, 59) if minute == 24 * 60 else dt.time(minute // 60, minute % 60)


def _why(error: BaseException) -> str:
    if isinstance(error, Refused):
        return str(error)
    if isinstance(error, KeyError):
        return _("la valeur « %(value)s » manque") % {"value": error.args[0]}
    return _("valeur illisible : %(value)s") % {"value": error}
