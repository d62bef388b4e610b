"""What is done to things and their series."""

from __future__ import annotations

import hashlib
import secrets

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from beffroi.base.access.public import Actor, PermissionDenied
from beffroi.base.audit.public import record
from beffroi.base.intake.public import set_device_key

from .models import Datastream, ObservedProperty, Thing, ThingState


@transaction.atomic
def create_thing(actor: Actor, **fields: object) -> Thing:
    """A thing of the actor's authority. Raises ValidationError when a field is not acceptable."""
    actor.require("objects.manage")
    thing = Thing(authority=actor.authority, **fields)
    thing.full_clean()
    thing.save()
    record(actor, "thing.created", thing)
    return thing


def property_named(name: str, label: str, unit: str) -> ObservedProperty:
    """The observed property of that code, made when no series measured it before."""
    found, _created = ObservedProperty.objects.get_or_create(
        name=name, defaults={"label": label, "unit": unit}
    )
    return found


@transaction.atomic
def create_datastream(
    actor: Actor,
    thing: Thing,
    key: str,
    observed_property: ObservedProperty,
    unit: str = "",
    step: int = 900,
    public: bool = False,
) -> Datastream:
    """A series of the thing, with the next free number.

    Raises ValidationError, and PermissionDenied for a thing of another authority.
    """
    actor.require("objects.manage")
    _require_owner(actor, thing)
    stream = Datastream(
        authority=thing.authority,
        domain=thing.domain,
        thing=thing,
        key=key,
        observed_property=observed_property,
        unit=unit or observed_property.unit,
        step=step,
        public=public,
    )
    # The town's row is the queue: two numbers are never given at once, on PostgreSQL either.
    type(thing.authority).objects.select_for_update().order_by("pk").first()
    stream.number = (Datastream.objects.aggregate(Max("number"))["number__max"] or 0) + 1
    stream.full_clean(exclude=["authority", "domain", "number"])
    stream.save()
    record(actor, "datastream.created", stream)
    return stream


@transaction.atomic
def publish_datastream(actor: Actor, stream: Datastream, public: bool) -> Datastream:
    """Show a series to everybody, or to agents only."""
    actor.require("objects.manage")
    _require_owner(actor, stream.thing)
    stream.public = public
    stream.save(update_fields=["public"])
    record(actor, "datastream.published" if public else "datastream.withdrawn", stream)
    return stream


@transaction.atomic
def create_device_token(actor: Actor, thing: Thing) -> str:
    """A new token for the thing's device, shown once; the former one stops working.

    Raises ValidationError for a thing without device or retired.
    """
    actor.require("objects.manage")
    _require_owner(actor, thing)
    if not thing.device_id or thing.state == ThingState.RETIRED:
        raise ValidationError(
            _("Cet objet n’a pas d’appareil en service : donnez-lui d’abord un identifiant.")
        )
    token = secrets.token_urlsafe(24)
    thing.token_hash = token_hash(token)
    thing.save(update_fields=["token_hash"])
    record(actor, "thing.token_created", thing)
    # After the commit: the listener must not know a token that the town forgot.
    transaction.on_commit(lambda: set_device_key(thing.device_id or "", thing.token_hash))
    return token


@transaction.atomic
def retire_thing(actor: Actor, thing: Thing) -> Thing:
    """Take a thing out of service: its readings stay, its token stops working."""
    actor.require("objects.manage")
    _require_owner(actor, thing)
    device, thing.state, thing.token_hash = thing.device_id, ThingState.RETIRED, ""
    thing.save(update_fields=["state", "token_hash"])
    record(actor, "thing.retired", thing)
    if device:
        transaction.on_commit(lambda: set_device_key(device, ""))
    return thing


def token_hash(token: str) -> str:
    """Tokens are 192 random bits: one SHA-256 is enough, and cheap at every message."""
    return hashlib.sha256(token.encode()).hexdigest()


def _require_owner(actor: Actor, thing: Thing) -> None:
    if thing.authority_id != actor.authority.pk:
        raise PermissionDenied(f"thing {thing.pk} belongs to another authority")
