"""What may be done to accounts: each with its permission, its change and its trace."""

from __future__ import annotations

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django_otp import match_token
from django_otp.plugins.otp_totp.models import TOTPDevice

from beffroi.base.access.models import Grant
from beffroi.base.access.public import Actor, PermissionDenied, Role
from beffroi.base.audit.public import record
from beffroi.base.authorities.models import Service

from .models import Account, Person
from .personal import erase_person, export_person


@transaction.atomic
def invite(
    actor: Actor,
    email: str,
    given_name: str,
    family_name: str,
    role: Role,
    service: Service | None = None,
) -> tuple[Account, bool]:
    """Give someone a role, with a new account when the e-mail has none. Answers (account, is new).

    An account that exists keeps its name: whoever knows an e-mail may not rename its owner.
    """
    actor.require("people.manage")
    _require_all_services(actor)
    account = Account.objects.filter(email=email.strip().lower()).first()
    is_new = account is None
    if account is None:
        person = Person.objects.create(
            authority=actor.authority, given_name=given_name, family_name=family_name, email=email
        )
        account = Account.objects.create_user(email, None, person)
    grant, created = Grant.objects.get_or_create(
        account=account, authority=actor.authority, service=service, role=role
    )
    if created:
        record(actor, "grant.given", grant, role=str(role), to=str(account.person.key))
    return account, is_new


def _require_all_services(actor: Actor) -> None:
    """Whoever administers one service does not hand out roles over the others."""
    if actor.service_ids is not None:
        raise PermissionDenied("people.manage")


def invitation_path(account: Account) -> tuple[str, str]:
    """(uid, token) of the link by which an invited person chooses a password, once."""
    return urlsafe_base64_encode(force_bytes(account.pk)), default_token_generator.make_token(
        account
    )


@transaction.atomic
def send_invitation(actor: Actor, account: Account, link: str) -> None:
    from beffroi.base.notify.public import send_mail

    send_mail(
        actor.authority,
        account.email,
        _("Votre compte chez %(authority)s") % {"authority": actor.authority.name},
        _(
            "Bonjour,\n\n%(authority)s vous ouvre un compte. Choisissez votre mot de passe ici :\n%(link)s\n\n"
            "Ce lien ne sert qu’une fois."
        )
        % {"authority": actor.authority.name, "link": link},
        kind="account_invitation",
        subject_obj=account,
    )


@transaction.atomic
def revoke(actor: Actor, grant: Grant) -> None:
    actor.require("people.manage")
    _require_all_services(actor)
    record(actor, "grant.revoked", grant, role=grant.role, to=str(grant.account.person.key))
    grant.delete()


@transaction.atomic
def start_second_factor(actor: Actor) -> TOTPDevice:
    """A new, unconfirmed code generator of the actor's own account."""
    actor.require("people.own_account")
    TOTPDevice.objects.filter(user=actor.account, confirmed=False).delete()
    return TOTPDevice.objects.create(user=actor.account, name="totp", confirmed=False)


@transaction.atomic
def confirm_second_factor(actor: Actor, device: TOTPDevice, code: str) -> bool:
    if not device.verify_token(code):
        return False
    TOTPDevice.objects.filter(user=actor.account, confirmed=True).delete()
    device.confirmed = True
    device.save()
    record(actor, "account.second_factor_on")
    return True


@transaction.atomic
def remove_second_factor(actor: Actor, code: str) -> bool:
    """Whoever found a session open must not close the second door: one of its codes is asked."""
    actor.require("people.own_account")
    if match_token(actor.account, code) is None:
        return False
    TOTPDevice.objects.filter(user=actor.account).delete()
    record(actor, "account.second_factor_off")
    return True


@transaction.atomic
def export_own_data(actor: Actor) -> dict[str, object]:
    actor.require("people.own_account")
    assert actor.account is not None  # noqa: S101 - the permission belongs to signed-in roles
    record(actor, "person.exported")
    return export_person(actor.account.person)


@transaction.atomic
def erase_own_account(actor: Actor) -> None:
    actor.require("people.own_account")
    assert actor.account is not None  # noqa: S101 - the permission belongs to signed-in roles
    record(actor, "person.erased")
    erase_person(actor.account.person)
