"""What can be done with a notice. Each verb: permission, change, version, event, audit, one commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from beffroi.base.access.public import Actor, PermissionDenied, visible
from beffroi.base.audit.public import record
from beffroi.base.authorities.models import Authority, Street
from beffroi.base.authorities.public import holder_of
from beffroi.base.outbox.public import announce, emit
from beffroi.base.provenance.public import link
from beffroi.base.tasks.public import enqueue

from .models import EndedHow, Notice, NoticeVersion, State

if TYPE_CHECKING:
    from beffroi.base.provenance.public import Reading


#: The hub has an announcement long before; the task that notes when it had it need not hurry.
ACCEPTED_WITHIN = timedelta(seconds=2)


class NotPossible(ValidationError):
    """The notice is no longer in a state that allows this; the text says what it is in."""


class ChangedMeanwhile(ValidationError):
    """Somebody else changed it since the form was opened; nothing was stored."""


@dataclass(frozen=True)
class Content:
    """What a person writes of a notice. Times aware; empty streets: the whole territory."""

    title: str
    body: str
    severity: int
    domain: str
    streets: Sequence[Street] = field(default_factory=tuple)
    starts_at: datetime | None = None
    expected_end: datetime | None = None
    ends_at: datetime | None = None

    def values(self) -> dict[str, object]:
        return {
            "title": " ".join(self.title.split()),
            "body": self.body.strip().replace("\r\n", "\n"),
            "severity": self.severity,
            "domain": self.domain,
            "starts_at": self.starts_at,
            "expected_end": self.expected_end,
            "ends_at": self.ends_at,
        }


@transaction.atomic
def propose(
    actor: Actor,
    authority: Authority,
    content: Content,
    cause: models.Model | None = None,
    readings: Sequence[Reading] = (),
    note: str = "",
) -> Notice:
    """A notice that waits for a person. For the same cause the one that exists is returned."""
    actor.require("broadcast.propose")
    if authority != actor.authority and holder_of(content.domain, authority) != actor.authority:
        raise PermissionDenied("broadcast.propose")
    _refuse_foreign_streets(authority, content.streets)
    if cause is not None:
        known = _of_cause(authority, cause).first()
        if known is not None:
            return known
    notice = Notice(
        authority=authority,
        state=State.PROPOSED,
        created_by=actor.person_key,
        proposed_by=actor.name if actor.automatic else "",
        **content.values(),
    )
    if cause is not None:
        notice.cause_kind, notice.cause_id = cause._meta.label_lower, cause.pk
    _validate(notice)
    notice.save()
    notice.streets.set(content.streets)
    if cause is not None:
        link(notice, cause, readings, note)
    _keep_version(notice, actor)
    emit("notice_proposed", notice, ref=notice.ref, severity=notice.severity)
    record(actor, "notice.proposed", notice, authority=authority.slug)
    _tell_desk(notice)
    return notice


@transaction.atomic
def edit(actor: Actor, notice: Notice, content: Content, expected_version: int) -> Notice:
    """Changes the text; a published notice is updated everywhere at once.

    Raises ChangedMeanwhile when `expected_version` is no longer the current one.
    """
    notice = _locked(actor, notice)
    published = notice.state == State.PUBLISHED
    actor.require("broadcast.publish" if published else "broadcast.propose")
    if notice.state not in (State.DRAFT, State.PROPOSED, State.PUBLISHED):
        raise NotPossible(_("Cette annonce est terminée. Écrivez-en une nouvelle."))
    if notice.version != expected_version:
        raise ChangedMeanwhile(
            _("Quelqu’un a modifié cette annonce entre-temps. Relisez-la, puis recommencez.")
        )
    _refuse_foreign_streets(notice.authority, content.streets)
    for name, value in content.values().items():
        setattr(notice, name, value)
    notice.version += 1
    _validate(notice)
    if published:
        _refuse_past_end(notice)
    notice.save()
    notice.streets.set(content.streets)
    _keep_version(notice, actor)
    record(
        actor, "notice.updated" if published else "notice.edited", notice, version=notice.version
    )
    if published:
        _tell(notice, "notice_updated")
    else:
        _tell_desk(notice)
    return notice


@transaction.atomic
def publish(actor: Actor, notice: Notice, expected_version: int | None = None) -> Notice:
    """Publishes; a person only. A notice already published is returned as it is, told once."""
    actor.require("broadcast.publish")
    if actor.automatic or actor.person_key is None:
        raise PermissionDenied("broadcast.publish")
    notice = _locked(actor, notice)
    if notice.state == State.PUBLISHED:
        return notice
    if notice.state not in (State.DRAFT, State.PROPOSED):
        raise NotPossible(_("Cette annonce est terminée. Écrivez-en une nouvelle."))
    if expected_version is not None and notice.version != expected_version:
        raise ChangedMeanwhile(
            _("Quelqu’un a modifié cette annonce entre-temps. Relisez-la, puis recommencez.")
        )
    _refuse_past_end(notice)
    notice.state = State.PUBLISHED
    notice.published_at = timezone.now()
    notice.published_by = actor.person_key
    notice.version += 1
    notice.save()
    _keep_version(notice, actor, at=notice.published_at)
    record(actor, "notice.published", notice, version=notice.version, severity=notice.severity)
    _tell(notice, "notice_published")
    _mail_subscribers(notice, "published")
    return notice


@transaction.atomic
def end(actor: Actor, notice: Notice, reason: str = "", how: str = EndedHow.BY_A_PERSON) -> Notice:
    """Takes a published notice away everywhere; one that has ended stays as it is."""
    if not actor.automatic:
        actor.require("broadcast.publish")
    notice = _locked(actor, notice)
    if notice.state == State.ENDED:
        return notice
    if notice.state != State.PUBLISHED:
        raise NotPossible(_("Cette annonce n’est pas publiée : elle ne peut pas être terminée."))
    _close(actor, notice, State.ENDED, how, reason)
    record(actor, "notice.ended", notice, how=str(how))
    _tell(notice, "notice_ended")
    _mail_subscribers(notice, "ended")
    return notice


@transaction.atomic
def cancel(actor: Actor, notice: Notice, reason: str = "") -> Notice:
    """Sets a notice aside that was never published."""
    if not actor.automatic:
        actor.require("broadcast.propose")
    notice = _locked(actor, notice)
    if notice.state == State.CANCELLED:
        return notice
    if notice.state not in (State.DRAFT, State.PROPOSED):
        raise NotPossible(_("Cette annonce est déjà publiée ou terminée : terminez-la plutôt."))
    _close(actor, notice, State.CANCELLED, "", reason)
    record(actor, "notice.cancelled", notice)
    _tell_desk(notice)
    return notice


def end_for_cause(cause_kind: str, cause_id: int, by: str) -> None:
    """What caused these notices is over: the published end, the waiting ones are set aside."""
    open_states = (State.DRAFT, State.PROPOSED, State.PUBLISHED)
    for notice in Notice.objects.filter(
        cause_kind=cause_kind, cause_id=cause_id, state__in=open_states
    ).select_related("authority"):
        actor = Actor.system(notice.authority, by)
        if notice.state == State.PUBLISHED:
            end(actor, notice, how=EndedHow.RESOLVED)
        else:
            cancel(actor, notice, _("La situation est redevenue normale avant la publication."))


def end_expired(notice_id: int | None = None) -> int:
    """Ends what has passed its `ends_at`: one notice or all; returns how many."""
    due = Notice.objects.filter(state=State.PUBLISHED, ends_at__lte=timezone.now())
    if notice_id is not None:
        due = due.filter(pk=notice_id)
    ended = 0
    for notice in due.select_related("authority"):
        with transaction.atomic():
            end(Actor.system(notice.authority, "expiry"), notice, how=EndedHow.EXPIRED)
            ended += 1
    return ended


def _of_cause(authority: Authority, cause: models.Model) -> models.QuerySet[Notice]:
    return Notice.objects.filter(
        authority=authority, cause_kind=cause._meta.label_lower, cause_id=cause.pk
    )


def _locked(actor: Actor, notice: Notice) -> Notice:
    """The row as it stands now, held until the commit, if the actor may act on it."""
    allowed = visible(Notice.objects.all(), actor, "act")
    row = allowed.filter(pk=notice.pk).select_for_update(of=("self",)).first()
    if row is None:
        raise PermissionDenied("notice of another authority")
    return row


def _refuse_foreign_streets(authority: Authority, streets: Sequence[Street]) -> None:
    if any(street.authority_id != authority.pk for street in streets):
        raise ValidationError(_("Une rue choisie n’appartient pas à cette collectivité."))


def _refuse_past_end(notice: Notice) -> None:
    if notice.ends_at is not None and notice.ends_at <= timezone.now():
        raise ValidationError(
            {"ends_at": _("L’heure de retrait est déjà passée. Corrigez-la avant de publier.")}
        )


def _validate(notice: Notice) -> None:
    if notice.starts_at and notice.ends_at and notice.ends_at <= notice.starts_at:
        raise ValidationError({"ends_at": _("Le retrait doit venir après le début.")})
    notice.full_clean(validate_constraints=False)


def _close(actor: Actor, notice: Notice, state: str, how: str, reason: str) -> None:
    notice.state = state
    notice.ended_at = timezone.now()
    notice.ended_by = actor.person_key
    notice.ended_how = how
    notice.ended_reason = " ".join(reason.split())[:200]
    notice.version += 1
    notice.save()
    _keep_version(notice, actor, at=notice.ended_at)


def _keep_version(notice: Notice, actor: Actor, at: datetime | None = None) -> None:
    NoticeVersion.objects.create(
        notice=notice,
        version=notice.version,
        state=notice.state,
        title=notice.title,
        body=notice.body,
        severity=notice.severity,
        street_names=[street.name for street in notice.streets.all()],
        starts_at=notice.starts_at,
        expected_end=notice.expected_end,
        ends_at=notice.ends_at,
        at=at or timezone.now(),
        by=actor.person_key,
    )


def _tell(notice: Notice, event: str) -> None:
    """Rooms by the event, open pages and screens by the hub, the clock by a task."""
    from .tasks import expire, note_acceptance

    emit(
        event,
        notice,
        ref=notice.ref,
        version=notice.version,
        severity=notice.severity,
        domain=notice.domain,
    )
    slug = notice.authority.slug
    announce(
        [f"/notices/{slug}"],
        {"notice": notice.ref, "version": notice.version, "state": notice.state},
    )
    _tell_desk(notice)
    enqueue(
        note_acceptance,
        notice_id=notice.pk,
        version=notice.version,
        at=timezone.now() + ACCEPTED_WITHIN,
    )
    if notice.state == State.PUBLISHED and notice.ends_at is not None:
        enqueue(
            expire,
            notice_id=notice.pk,
            at=notice.ends_at,
            key=f"broadcast.expire:{notice.pk}:{notice.version}",
        )


def _tell_desk(notice: Notice) -> None:
    """Agents only: nobody else learns that something is being prepared."""
    announce([f"/desk/{notice.authority.slug}"], {"notice": notice.ref}, private=True)


def _mail_subscribers(notice: Notice, occasion: str) -> None:
    from .tasks import mail_subscribers

    enqueue(
        mail_subscribers,
        notice_id=notice.pk,
        occasion=occasion,
        after=0,
        key=f"broadcast.mail:{notice.pk}:{occasion}:0",
    )
