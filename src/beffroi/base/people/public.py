"""What rooms may ask about persons."""

from __future__ import annotations

from beffroi.base.authorities.models import Authority

from .erasures import replay_erasures
from .models import Account, Person
from .personal import erase_person, export_person, register_personal_data
from .procedures import Procedure, procedures_of, register_procedures

__all__ = [
    "Account", "Person", "Procedure", "erase_person", "export_person", "person_for", "procedures_of",
    "register_personal_data", "register_procedures", "replay_erasures",
]  # fmt: skip


def person_for(
    whose: object,
    given_name: str = "",
    family_name: str = "",
    email: str = "",
    phone: str = "",
    language: str = "fr",
) -> Person:
    """The person behind a request: the signed-in one, else a new row.

    `whose` is an Actor or an Authority. Never a silent merge: two people who give the same
    e-mail stay two people until an agent joins them.
    """
    account = getattr(whose, "account", None)
    if account is not None:
        return account.person
    authority = whose if isinstance(whose, Authority) else whose.authority  # type: ignore[attr-defined]
    return Person.objects.create(
        authority=authority,
        given_name=given_name.strip(),
        family_name=family_name.strip(),
        email=email.strip(),
        phone=phone.strip(),
        language=language,
    )
