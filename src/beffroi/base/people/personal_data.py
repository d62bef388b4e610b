from __future__ import annotations

from .forgetting import forget_sign_ins_of
from .models import Person


def export(person: Person) -> dict[str, object]:
    account = getattr(person, "account", None)
    return {
        "given_name": person.given_name,
        "family_name": person.family_name,
        "email": person.email,
        "phone": person.phone,
        "language": person.language,
        "created_at": person.created_at.isoformat(),
        "account": {
            "email": account.email,
            "last_login": account.last_login and account.last_login.isoformat(),
        }
        if account
        else None,
    }


def erase(person: Person) -> None:
    account = getattr(person, "account", None)
    if account is not None:
        forget_sign_ins_of(account.email)
    person.delete()
