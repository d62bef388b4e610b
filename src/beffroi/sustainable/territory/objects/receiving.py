"""Readings by HTTP: checked while the sender can still be told, then durable, then acknowledged."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from beffroi.base.access.public import Actor
from beffroi.base.api.public import Unprocessable
from beffroi.base.intake.public import Message, put_many

from .engine import payload
from .ingestion import decode
from .models import Reason, Thing, ThingState

SHOWN_ERRORS = 20
CLOCK_FAULTS = (Reason.CLOCK_AHEAD, Reason.CLOCK_BEHIND)


@dataclass(frozen=True, slots=True)
class Received:
    """How many readings are kept, and how many were set aside because their date cannot be."""

    accepted: int
    set_aside: int


def receive(sender: Thing | Actor, body: bytes, received_ms: int) -> Received:
    """Put the readings of a body into the inbox; durable on return, all of them or none.

    A device sends its own; another system, with `objects.write`, those of any device of its
    authority, each object naming its `device`. Raises Unprocessable with the reasons, PermissionDenied,
    or InboxError when nothing can be stored at present.
    """
    messages = _messages(sender, body)
    decoded = decode(
        [
            Message(number, received_ms, "http", device, f"v1/{device}/readings", content)
            for number, (device, content) in enumerate(messages)
        ]
    )
    wrong = [each for each in decoded.quarantined if each.reason not in CLOCK_FAULTS]
    if wrong:
        raise Unprocessable(
            _("%(count)s mesures refusées ; rien n’a été enregistré.") % {"count": len(wrong)},
            errors=[
                {"field": each.key, "value": each.raw, "reason": str(Reason(each.reason).label)}
                for each in wrong[:SHOWN_ERRORS]
            ],
        )
    if not decoded.rows and not decoded.quarantined:
        raise Unprocessable(_("Aucune mesure dans ce message ; rien n’a été enregistré."))
    put_many(("http", device, f"v1/{device}/readings", content) for device, content in messages)
    return Received(len(decoded.rows), len(decoded.quarantined))


def _messages(sender: Thing | Actor, body: bytes) -> list[tuple[str, bytes]]:
    if isinstance(sender, Thing):
        return [(sender.device_id or "", body)]
    sender.require("objects.write")
    try:
        messages = payload.by_device(body)
    except ValueError as wrong:
        raise Unprocessable(
            _('Chaque mesure doit nommer son appareil : {"device": …} ; rien n’a été enregistré.')
        ) from wrong
    devices = {device for device, _content in messages}
    own = Thing.objects.filter(authority=sender.authority, device_id__in=devices).exclude(
        state=ThingState.RETIRED
    )
    unknown = devices - set(own.values_list("device_id", flat=True))
    if unknown:
        raise Unprocessable(
            _("Appareil inconnu : %(device)s ; rien n’a été enregistré.")
            % {"device": sorted(unknown)[0][:64]}
        )
    return messages
