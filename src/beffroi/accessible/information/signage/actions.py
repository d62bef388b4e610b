"""Pairing a screen, changing it, taking it away."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from beffroi.base.access.public import Actor, PermissionDenied
from beffroi.base.access.references import ALPHABET
from beffroi.base.audit.public import record
from beffroi.base.authorities.models import Authority, Site
from beffroi.base.outbox.public import announce

from .models import Pairing, Screen, WrongCode, digest_of

CODE_LENGTH = 6
CODE_LIFETIME = timedelta(minutes=10)
#: With 30⁶ codes and a handful alive, ten tries an account and ten minutes find none.
WRONG_CODES_ALLOWED = 10
WAITING_AN_ADDRESS = 10
WAITING_AN_AUTHORITY = 200
#: One write for several fetches.
SIGN_OF_LIFE_KEPT = timedelta(seconds=20)


class TooManyWaiting(Exception):
    """Too many unpaired screens are open: no new code until some expire."""


class WrongCodeError(ValidationError):
    """No screen of this authority shows this code now."""


class TooManyGuesses(ValidationError):
    """The account has entered too many wrong codes."""


@transaction.atomic
def begin_pairing(authority: Authority, address: str) -> Pairing:
    """A new code for a browser that is no screen yet. Raises TooManyWaiting."""
    now = timezone.now()
    Pairing.objects.filter(expires_at__lte=now).delete()
    waiting = Pairing.objects.filter(authority=authority)
    if (
        waiting.count() >= WAITING_AN_AUTHORITY
        or waiting.filter(address=address).count() >= WAITING_AN_ADDRESS
    ):
        raise TooManyWaiting
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        try:
            with transaction.atomic():
                return Pairing.objects.create(
                    authority=authority, code=code, address=address, expires_at=now + CODE_LIFETIME
                )
        except IntegrityError:
            continue  # another screen shows this very code


def pair(actor: Actor, code: str, name: str, site: Site | None, orientation: str) -> Screen:
    """The screen that shows `code` becomes one of the actor's authority, and learns it at once.

    Raises WrongCodeError, TooManyGuesses, or ValidationError for a name already used.
    """
    actor.require("signage.manage")
    since = timezone.now() - CODE_LIFETIME
    wrong = WrongCode.objects.filter(person_key=actor.person_key, at__gt=since)
    if wrong.count() >= WRONG_CODES_ALLOWED:
        raise TooManyGuesses(_("Trop de codes faux. Attendez dix minutes, puis recommencez."))
    screen = _pair(actor, normal_code(code), name, site, orientation)
    if screen is None:
        # Counted outside the transaction of the pairing: a refusal must not erase its own trace.
        WrongCode.objects.create(authority=actor.authority, person_key=actor.person_key)
        raise WrongCodeError(
            {
                "code": _(
                    "Aucun écran n’affiche ce code ici. Relisez-le : il change toutes les dix minutes."
                )
            }
        )
    return screen


@transaction.atomic
def _pair(actor: Actor, code: str, name: str, site: Site | None, orientation: str) -> Screen | None:
    pairing = (
        Pairing.objects.select_for_update(of=("self",))
        .filter(authority=actor.authority, code=code, screen=None, expires_at__gt=timezone.now())
        .first()
    )
    if pairing is None:
        return None
    screen = Screen(
        authority=actor.authority,
        name=name,
        site=site,
        orientation=orientation,
        paired_by=actor.person_key,
    )
    _refuse_foreign_site(screen)
    screen.full_clean()
    screen.save()
    pairing.screen = screen
    pairing.save(update_fields=["screen"])
    record(actor, "screen.paired", screen)
    announce([pairing.topic], {"paired": True})
    return screen


@transaction.atomic
def hand_over_token(pairing: Pairing) -> str | None:
    """The screen's token, for the browser that waits with this pairing.

    An answer may be lost on the way: until the token is first used, the same browser may ask
    again and receives another one.
    """
    given = Screen.objects.filter(pairing=pairing, last_seen=None)
    token = secrets.token_urlsafe(32)
    return token if given.update(token_hash=digest_of(token)) else None


def note_sign_of_life(screen: Screen) -> None:
    """Dates the last fetch; the first one proves that the token arrived and closes the pairing."""
    limit = timezone.now() - SIGN_OF_LIFE_KEPT
    if screen.last_seen is not None and screen.last_seen >= limit:
        return
    silent = Q(last_seen=None) | Q(last_seen__lt=limit)
    Screen.objects.filter(silent, pk=screen.pk).update(last_seen=timezone.now())
    if screen.last_seen is None:
        Pairing.objects.filter(screen=screen).delete()


@transaction.atomic
def change(actor: Actor, screen: Screen, name: str, site: Site | None, orientation: str) -> Screen:
    actor.require("signage.manage")
    _own(actor, screen)
    screen.name, screen.site, screen.orientation = name, site, orientation
    _refuse_foreign_site(screen)
    screen.full_clean()
    screen.save(update_fields=["name", "site", "orientation"])
    record(actor, "screen.changed", screen)
    announce([f"/screens/{screen.ref}"], {"screen": screen.ref})
    return screen


@transaction.atomic
def remove(actor: Actor, screen: Screen) -> None:
    """The display loses its token at once and shows a new code."""
    actor.require("signage.manage")
    _own(actor, screen)
    record(actor, "screen.removed", screen, name=screen.name)
    announce([f"/screens/{screen.ref}"], {"screen": screen.ref})
    screen.delete()


def normal_code(text: str) -> str:
    """The code as it was shown, however it was typed."""
    return "".join(character for character in text.upper() if character.isalnum())


def _own(actor: Actor, screen: Screen) -> None:
    if screen.authority_id != actor.authority.pk:
        raise PermissionDenied("screen of another authority")


def _refuse_foreign_site(screen: Screen) -> None:
    if screen.site is not None and screen.site.authority_id != screen.authority_id:
        raise ValidationError({"site": _("Ce lieu n’appartient pas à cette collectivité.")})
