"""Recipients in the log: the address while it is needed, a keyed hash for ever."""

from __future__ import annotations

from django.utils.crypto import salted_hmac

from .engine.mime import plain_address


def recipient_hash(email: str) -> str:
    """The same for every spelling of one mailbox; says nothing without the installation's key."""
    normal = plain_address(email.strip()).lower()
    return salted_hmac("notify.recipient", normal, algorithm="sha256").hexdigest()
