"""What can be done with mails and consents; delivery itself is in tasks.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from beffroi.base.access.public import Actor
from beffroi.base.access.references import new_ref
from beffroi.base.audit.public import record
from beffroi.base.authorities.models import Authority
from beffroi.base.tasks.public import enqueue

from .addresses import absolute_url
from .engine.mime import Attached, one_line, plain_address
from .kinds import CONSENT, kind_named
from .models import Attachment, Consent, ConsentState, Mail, MailState, Suppression
from .recipients import recipient_hash
from .server import configured_server

MAX_ATTACHED_BYTES = 5 * 1024 * 1024
#: Unconfirmed requests one address may be sent in a day: nobody fills another's mailbox by our form.
ASKED_A_DAY = 3


def queue_mail(
    authority: Authority,
    to: str,
    subject: str,
    text: str,
    html: str | None,
    kind: str,
    subject_obj: models.Model | None,
    occasion: str,
    attachments: Sequence[Attached],
    consent: Consent | None,
    language: str,
    deliver_now: bool,
) -> Mail:
    mail_kind = kind_named(kind)
    validate_email(to)
    address = plain_address(to)
    if sum(len(a.data) for a in attachments) > MAX_ATTACHED_BYTES:
        raise ValidationError(_("Les pièces jointes dépassent 5 Mo."))
    hashed = recipient_hash(address)
    if not mail_kind.transactional and consent is None:
        consent = given_consent(authority, kind, "", hashed)
    state, reason = MailState.QUEUED, ""
    if not mail_kind.transactional:
        reason = objection(consent, hashed)
        state = MailState.WITHHELD if reason else state
    if state == MailState.QUEUED and configured_server() is None:
        state = MailState.NOT_CONFIGURED
    with transaction.atomic():
        mail, created = Mail.objects.get_or_create(
            kind=kind,
            about=about(subject_obj, occasion),
            recipient_hash=hashed,
            defaults={
                "authority": authority,
                "recipient": address,
                "subject": one_line(subject)[:250],
                "text": text,
                "html": html or "",
                "language": language,
                "state": state,
                "reason": reason,
                "consent": consent,
            },
        )
        if created:
            Attachment.objects.bulk_create(
                Attachment(mail=mail, name=a.name, content_type=a.content_type, data=a.data)
                for a in attachments
            )
            if deliver_now and state == MailState.QUEUED:
                queue_delivery([mail.pk])
    return mail


def about(subject_obj: models.Model | None, occasion: str) -> str:
    if subject_obj is None:
        return f"alone:{occasion or new_ref()}"
    name = f"{subject_obj._meta.label_lower}:{subject_obj.pk}"
    return f"{name}:{occasion}" if occasion else name


def queue_delivery(mail_ids: list[int], at: datetime | None = None, turn: int = 0) -> None:
    """`turn` tells a later try from the one that is still running under the same key."""
    from .tasks import deliver

    enqueue(deliver, mail_ids=mail_ids, key=f"notify.deliver:{mail_ids[0]}:{turn}", at=at)


def given_consent(authority: Authority, kind: str, scope: str, hashed: str) -> Consent | None:
    return Consent.objects.filter(
        authority=authority, kind=kind, scope=scope, recipient_hash=hashed, state=ConsentState.GIVEN
    ).first()


def objection(consent: Consent | None, hashed: str) -> str:
    """Why a non-transactional mail may not go to this address; empty when it may."""
    suppressed = Suppression.objects.filter(recipient_hash=hashed).first()
    if suppressed:
        return suppressed.reason
    if consent is None or consent.recipient_hash != hashed or consent.state != ConsentState.GIVEN:
        return "no consent"
    return ""


@transaction.atomic
def ask_consent(
    authority: Authority, kind: str, to: str, *, scope: str, title: str, language: str
) -> None:
    """First half of the double opt-in: one transactional mail with a link.

    Says nothing of what it found: whoever fills the form must not learn who is subscribed.
    """
    validate_email(to)
    address = plain_address(to)
    hashed = recipient_hash(address)
    now = timezone.now()
    if Suppression.objects.filter(recipient_hash=hashed).exists():
        return
    if given_consent(authority, kind, scope, hashed):
        return
    recent = Consent.objects.filter(
        recipient_hash=hashed, state=ConsentState.ASKED, asked_at__gt=now - timedelta(days=1)
    )
    if sum(recent.values_list("times_asked", flat=True)) >= ASKED_A_DAY:
        return
    consent, _created = Consent.objects.update_or_create(
        authority=authority,
        kind=kind,
        scope=scope,
        recipient_hash=hashed,
        defaults={
            # A link of an earlier, withdrawn wish must not confirm this one.
            "ref": new_ref(),
            "recipient": address,
            "title": title,
            "language": language,
            "state": ConsentState.ASKED,
            "asked_at": now,
            "given_at": None,
            "withdrawn_at": None,
        },
    )
    Consent.objects.filter(pk=consent.pk).update(times_asked=models.F("times_asked") + 1)
    with translation.override(language):
        subject = _("Confirmez votre abonnement : %(title)s") % {"title": title}
        text = _(
            "Bonjour,\n\n"
            "Quelqu’un, sans doute vous, veut recevoir à cette adresse : %(title)s (%(authority)s).\n\n"
            "Pour le confirmer, ouvrez cette page :\n%(url)s\n\n"
            "Sinon, ne faites rien : vous ne recevrez aucun autre message.\n"
        ) % {
            "title": title,
            "authority": authority.name,
            "url": absolute_url(authority, "notify:confirm", ref=consent.ref),
        }
    queue_mail(
        authority,
        address,
        subject,
        text,
        None,
        CONSENT.name,
        consent,
        consent.ref,
        (),
        None,
        language,
        True,
    )


@transaction.atomic
def give_consent(consent: Consent) -> bool:
    """Second half: True when it is given now or already was, False when it was withdrawn since."""
    changed = Consent.objects.filter(pk=consent.pk, state=ConsentState.ASKED).update(
        state=ConsentState.GIVEN, given_at=timezone.now()
    )
    if changed:
        record(Actor.anonymous(consent.authority), "consent.given", consent, kind=consent.kind)
    consent.refresh_from_db()
    return consent.state == ConsentState.GIVEN


@transaction.atomic
def withdraw_consent(consent: Consent) -> None:
    """Ends a subscription at once; the address itself is forgotten, its hash stays as a proof."""
    changed = (
        Consent.objects.filter(pk=consent.pk)
        .exclude(state=ConsentState.WITHDRAWN)
        .update(state=ConsentState.WITHDRAWN, withdrawn_at=timezone.now(), recipient="")
    )
    if changed:
        record(Actor.anonymous(consent.authority), "consent.withdrawn", consent, kind=consent.kind)


@transaction.atomic
def suppress(email: str, reason: str) -> None:
    Suppression.objects.get_or_create(
        recipient_hash=recipient_hash(email), defaults={"reason": reason[:300]}
    )


@transaction.atomic
def erase_recipient(email: str) -> int:
    """Forgets a person: addresses and contents go, the delivery log keeps hash, dates and state."""
    hashed = recipient_hash(email)
    Consent.objects.filter(recipient_hash=hashed).exclude(state=ConsentState.WITHDRAWN).update(
        state=ConsentState.WITHDRAWN, withdrawn_at=timezone.now()
    )
    Consent.objects.filter(recipient_hash=hashed).update(recipient="")
    mails = Mail.objects.filter(recipient_hash=hashed, erased_at=None)
    mails.filter(state__in=(MailState.QUEUED, MailState.NOT_CONFIGURED)).update(
        state=MailState.WITHHELD, reason="recipient erased"
    )
    return forget(mails)


def forget(mails: models.QuerySet[Mail]) -> int:
    """Empties the personal columns of these rows; returns how many."""
    Attachment.objects.filter(mail__in=mails).delete()
    return mails.update(recipient="", subject="", text="", html="", erased_at=timezone.now())
