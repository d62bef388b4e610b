"""The kinds of mail that exist: what is always sent, and what a person must have asked for."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class MailKind:
    """`transactional`: an answer to what the person did (confirmation, reminder, password).

    Everything else needs the person's recorded consent and carries an unsubscribe link.
    """

    name: str
    label: str | Promise
    transactional: bool


_kinds: dict[str, MailKind] = {}


def declare_kind(name: str, label: str | Promise, *, transactional: bool) -> MailKind:
    _kinds[name] = MailKind(name, label, transactional)
    return _kinds[name]


def kind_named(name: str) -> MailKind:
    """Raises ValueError for a kind nobody declared: consent cannot be judged without it."""
    try:
        return _kinds[name]
    except KeyError:
        raise ValueError(
            f"mail kind {name!r} is not declared (notify.public.declare_kind)"
        ) from None


def kinds() -> list[MailKind]:
    return sorted(_kinds.values(), key=lambda kind: kind.name)


TRANSACTIONAL = declare_kind("transactional", _("Réponse à votre démarche"), transactional=True)
CONSENT = declare_kind("notify.consent", _("Confirmation d’abonnement"), transactional=True)
INVITATION = declare_kind(
    "account_invitation", _("Invitation à ouvrir un compte"), transactional=True
)
