"""What led somebody to book: carried by a signed address from the room where it began."""

from __future__ import annotations

from django.apps import apps
from django.core import signing
from django.db.models import Model
from django.urls import reverse

from beffroi.base.authorities.models import Authority

SALT = "appointments.cause"
PARAMETER = "suite"
LASTS = 7 * 24 * 3600


def booking_address(cause: Model) -> str:
    """The first page of booking, remembering `cause`; nobody can write such an address himself."""
    token = signing.dumps([cause._meta.label_lower, cause.pk], salt=SALT)
    return f"{reverse('appointments:reasons')}?{PARAMETER}={token}"


def cause_of(token: str, authority: Authority) -> Model | None:
    """The object behind a token of this authority; None when it is false, too old, or gone."""
    try:
        label, pk = signing.loads(token, salt=SALT, max_age=LASTS)
        found = apps.get_model(label)._default_manager.filter(pk=pk).first()
    except (signing.BadSignature, LookupError, ValueError):
        return None
    if found is None or getattr(found, "authority_id", None) != authority.pk:
        return None
    return found
