"""A person's mails and wishes, for export and erasure."""

from __future__ import annotations

from contextlib import suppress

from beffroi.base.people.models import Person

from .actions import erase_recipient
from .engine.mime import UnsafeAddress
from .models import Consent, Mail
from .recipients import recipient_hash


def export(person: Person) -> dict[str, object]:
    try:
        hashed = recipient_hash(person.email)
    except UnsafeAddress:  # none, or a text nobody could write to
        return {"mails": [], "consents": []}
    mails = Mail.objects.filter(recipient_hash=hashed, erased_at=None)
    consents = Consent.objects.filter(recipient_hash=hashed)
    return {
        "mails": [
            {"kind": m.kind, "subject": m.subject, "text": m.text, "state": m.state,
             "created_at": m.created_at.isoformat()}
            for m in mails
        ],
        "consents": [
            {"kind": c.kind, "title": c.title, "state": c.state, "asked_at": c.asked_at.isoformat()}
            for c in consents
        ],
    }  # fmt: skip


def erase(person: Person) -> None:
    with suppress(UnsafeAddress):
        erase_recipient(person.email)
