"""References that a resident sees in an address: long enough not to be guessed."""

import secrets

#: No 0/O, 1/I/L, U: they are read out on the telephone and copied from paper.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16


def new_ref() -> str:
    """Sixteen random characters, 78 bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
