"""Personal numbers are masked before anything is stored: the assistant never needs them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_SEPARATOR = r"[ .\xa0-]?"


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without its personal numbers, and which kinds it held."""

    text: str
    kinds: frozenset[str]
    """Among nir, iban, card, phone, email, tax."""


def mask(text: str) -> Masked:
    """The text with social security, tax, bank and telephone numbers and e-mail addresses masked.

    A number is masked when its form and, where it has one, its check digits say so; a French
    social security number is masked on its form alone, since people mistype it.
    """
    kinds: set[str] = set()
    for kind, pattern, holds, shown in _PATTERNS:

        def replaced(
            match: re.Match[str],
            kind: str = kind,
            holds: Callable[[str], bool] = holds,
            shown: str = shown,
        ) -> str:
            if not holds(match.group()):
                return match.group()
            kinds.add(kind)
            return shown

        text = pattern.sub(replaced, text)
    return Masked(text, frozenset(kinds))


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def luhn(text: str) -> bool:
    """ISO/IEC 7812 check of a card number, spaces and hyphens ignored."""
    digits = [int(d) for d in reversed(_digits(text))]
    doubled = [d if i % 2 == 0 else sum(divmod(2 * d, 10)) for i, d in enumerate(digits)]
    return bool(doubled) and sum(doubled) % 10 == 0


def iban(text: str) -> bool:
    """ISO 13616: the number moved by four and read with A = 10 … leaves 1 when divided by 97."""
    compact = re.sub(r"[^A-Za-z0-9]", "", text).upper()
    moved = compact[4:] + compact[:4]
    return int("".join(str(int(c, 36)) for c in moved)) % 97 == 1


def _always(text: str) -> bool:
    return bool(text)


_PATTERNS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool], str], ...] = (
    ("email", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), _always, "[adresse e-mail masquée]"),
    (
        "iban",
        re.compile(
            r"\b[A-Za-z]{2}\d{2}(?:[ \xa0]?[A-Za-z0-9]{4}){2,7}(?:[ \xa0]?[A-Za-z0-9]{1,3})?\b"
        ),
        iban,
        "[IBAN masqué]",
    ),
    (
        "nir",
        re.compile(
            rf"(?<!\d)[12378]{_SEPARATOR}\d{{2}}{_SEPARATOR}(?:0[1-9]|1[0-2]|[2-9]\d){_SEPARATOR}"
            rf"(?:\d{{2}}|2[AaBb]){_SEPARATOR}\d{{3}}{_SEPARATOR}\d{{3}}(?:{_SEPARATOR}\d{{2}})?(?!\d)"
        ),
        _always,
        "[numéro de sécurité sociale masqué]",
    ),
    (
        "card",
        re.compile(r"(?<!\d)\d(?:[ \xa0-]?\d){12,18}(?!\d)"),
        luhn,
        "[numéro de carte masqué]",
    ),
    (
        "phone",
        re.compile(
            rf"(?<![\d+])(?:\+33{_SEPARATOR}|0033{_SEPARATOR}|0)[1-9](?:{_SEPARATOR}\d{{2}}){{4}}(?!\d)"
        ),
        _always,
        "[numéro de téléphone masqué]",
    ),
    (
        "tax",
        re.compile(r"(?<!\d)[0-3]\d(?:[ \xa0]?\d){11}(?!\d)"),
        _always,
        "[numéro fiscal masqué]",
    ),
)
