"""Reading files that other people wrote: unknown encodings, stray bytes."""

from __future__ import annotations

import codecs

from django.utils.translation import gettext as _

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class NotText(ValueError):
    """These bytes are no text; the message is for the person who imports."""


def decode(content: bytes) -> tuple[str, bool]:
    """The text, and whether its encoding had to be guessed.

    UTF-8, UTF-16 with its mark, else Windows-1252, in which French office files are written.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            try:
                return _clean(content.decode(encoding)), False
            except UnicodeDecodeError as wrong:
                raise NotText(_("le texte est abîmé (octet %d)") % wrong.start) from wrong
    if b"\0" in content:
        raise NotText(_("ce n’est pas un texte"))
    try:
        return _clean(content.decode("utf-8")), False
    except UnicodeDecodeError:
        return _clean(content.decode("cp1252", "replace")), True


def decode_line(content: bytes) -> str:
    """One line of a file that must be UTF-8. Raises NotText, naming the first wrong byte."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise NotText(
            _("l’encodage n’est pas de l’UTF-8 (octet %d)") % (wrong.start + 1)
        ) from wrong


def _clean(text: str) -> str:
    return text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
