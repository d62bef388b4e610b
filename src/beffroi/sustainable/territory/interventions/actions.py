"""What is done with interventions. Each verb: permission, change, log, event, audit, one commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from beffroi.base.access.public import Actor, PermissionDenied
from beffroi.base.audit.public import record
from beffroi.base.authorities.models import Authority, Street
from beffroi.base.outbox.public import announce, emit
from beffroi.base.provenance.public import link

from .models import OPEN_STATES, Crew, Intervention, LogEntry, State
from .queries import desk_topics, interventions_for


class NotPossible(ValidationError):
    """The intervention is no longer in a state that allows this; the text says what it is in."""


@transaction.atomic
def create(
    actor: Actor,
    authority: Authority,
    domain: str,
    title: str,
    crew: Crew | None = None,
    place: str = "",
    streets: Sequence[Street] = (),
    *,
    cause: Model | None = None,
    severity: int = 2,
    due: datetime | None = None,
    latitude: float | None = None,
    longitude: float | None = None,
) -> Intervention:
    """An intervention of `authority`, sent at once when a crew is named.

    For the same cause the one that is still open is returned. Raises PermissionDenied when the
    actor may not act there, ValidationError for a crew of another authority.
    """
    actor.require("interventions.manage")
    if cause is not None:
        known = _of_cause(cause._meta.label_lower, cause.pk).first()
        if known is not None:
            return known
    if crew is not None and crew.authority_id != authority.pk:
        raise ValidationError(_("Cette équipe dépend d’une autre collectivité."))
    intervention = Intervention(
        authority=authority,
        domain=domain,
        title=title.strip()[:200],
        crew=crew,
        state=State.SENT if crew else State.PROPOSED,
        severity=severity,
        place=place,
        latitude=latitude,
        longitude=longitude,
        due=due,
        cause_kind=cause._meta.label_lower if cause is not None else "",
        cause_id=cause.pk if cause is not None else None,
    )
    intervention.full_clean()
    intervention.save()
    intervention.streets.set(streets)
    # After the row exists: the same rule as for every other act on it.
    if not interventions_for(actor, "act").filter(pk=intervention.pk).exists():
        raise PermissionDenied("interventions.manage")
    if cause is not None:
        link(intervention, cause)
    _log(intervention, actor, intervention.state)
    emit("intervention_created", intervention, ref=intervention.ref, state=intervention.state)
    record(actor, "intervention.created", intervention, crew=crew.name if crew else "")
    _tell(intervention)
    return intervention


@transaction.atomic
def assign(actor: Actor, intervention: Intervention, crew: Crew) -> Intervention:
    """Give the work to a crew; a proposed intervention is sent."""
    actor.require("interventions.manage")
    intervention = _locked(actor, intervention)
    _require_open(intervention)
    if crew.authority_id != intervention.authority_id:
        raise ValidationError(_("Cette équipe dépend d’une autre collectivité."))
    intervention.crew = crew
    if intervention.state == State.PROPOSED:
        intervention.state = State.SENT
    intervention.save(update_fields=["crew", "state"])
    _log(
        intervention,
        actor,
        intervention.state,
        _("Confiée à l’équipe %(crew)s.") % {"crew": crew.name},
    )
    record(actor, "intervention.assigned", intervention, crew=crew.name)
    _tell(intervention)
    return intervention


@transaction.atomic
def start(actor: Actor, intervention: Intervention) -> Intervention:
    """The crew is on site."""
    actor.require("interventions.work")
    intervention = _locked(actor, intervention)
    if intervention.state == State.ON_SITE:
        return intervention
    if intervention.state != State.SENT:
        raise NotPossible(_("Cette intervention n’attend pas l’arrivée d’une équipe."))
    return _move(actor, intervention, State.ON_SITE, "", "intervention.started")


@transaction.atomic
def report(actor: Actor, intervention: Intervention, note: str) -> LogEntry:
    """A line in the log."""
    actor.require("interventions.work")
    intervention = _locked(actor, intervention)
    _require_open(intervention)
    if not note.strip():
        raise ValidationError(_("Écrivez ce que vous avez constaté."))
    entry = _log(intervention, actor, "", note)
    record(actor, "intervention.reported", intervention)
    _tell(intervention)
    return entry


@transaction.atomic
def finish(actor: Actor, intervention: Intervention, note: str = "") -> Intervention:
    """The crew has done its work: somebody at the office looks at it and closes."""
    actor.require("interventions.work")
    intervention = _locked(actor, intervention)
    _require_open(intervention)
    if intervention.state == State.TO_CLOSE:
        return intervention
    return _move(actor, intervention, State.TO_CLOSE, note, "intervention.finished")


@transaction.atomic
def ask_to_close(
    kind: str, cause_id: int, by: str, note: str, verification: Mapping[str, Any] | None = None
) -> list[Intervention]:
    """What caused these interventions is over: they wait to be closed by a person, with the readings
    that show it. Those already waiting receive the readings only; a second call changes nothing."""
    asked = []
    for intervention in (
        _of_cause(kind, cause_id).select_for_update(of=("self",)).select_related("authority")
    ):
        if verification and not intervention.is_verified:
            intervention.verification = dict(verification)
            intervention.save(update_fields=["verification"])
        if intervention.state != State.TO_CLOSE:
            actor = Actor.system(intervention.authority, by)
            asked.append(_move(actor, intervention, State.TO_CLOSE, note, "intervention.to_close"))
    return asked


@transaction.atomic
def close(actor: Actor, intervention: Intervention, note: str = "") -> Intervention:
    """The matter is settled. Without readings that show it, the note says why it is closed."""
    actor.require("interventions.manage")
    intervention = _locked(actor, intervention)
    if intervention.state == State.CLOSED:
        return intervention
    if not intervention.is_verified and not note.strip():
        raise ValidationError(
            _(
                "Aucune mesure ne montre encore le retour à la normale : écrivez pourquoi vous clôturez."
            )
        )
    intervention.closed_at = timezone.now()
    intervention.save(update_fields=["closed_at"])
    _move(
        actor,
        intervention,
        State.CLOSED,
        note,
        "intervention.closed",
        verified=intervention.is_verified,
    )
    emit(
        "intervention_closed", intervention, ref=intervention.ref, verified=intervention.is_verified
    )
    return intervention


def _of_cause(kind: str, cause_id: int) -> Any:
    return Intervention.objects.filter(
        cause_kind=kind, cause_id=cause_id, state__in=OPEN_STATES
    ).order_by("pk")


def _locked(actor: Actor, intervention: Intervention) -> Intervention:
    found = (
        interventions_for(actor, "act")
        .select_related(None)
        .select_related("authority")
        .select_for_update(of=("self",))
        .filter(pk=intervention.pk)
        .first()
    )
    if found is None:
        raise PermissionDenied("interventions.work")
    return found


def _require_open(intervention: Intervention) -> None:
    if intervention.state == State.CLOSED:
        raise NotPossible(_("Cette intervention est close : rien n’a été modifié."))


def _move(
    actor: Actor, intervention: Intervention, state: str, note: str, verb: str, **detail: Any
) -> Intervention:
    intervention.state = state
    intervention.save(update_fields=["state"])
    _log(intervention, actor, state, note)
    record(actor, verb, intervention, **detail)
    _tell(intervention)
    return intervention


def _log(intervention: Intervention, actor: Actor, state: str, note: str = "") -> LogEntry:
    entry = LogEntry(
        intervention=intervention,
        author=actor.name[:120],
        person_key=actor.person_key,
        state=state,
        note=note.strip(),
    )
    entry.full_clean()
    entry.save()
    return entry


def _tell(intervention: Intervention) -> None:
    topics = desk_topics(intervention.authority, intervention.domain)
    announce(
        [*topics, f"/interventions/{intervention.ref}"], {"kind": "intervention"}, private=True
    )
