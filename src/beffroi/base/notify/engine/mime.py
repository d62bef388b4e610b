"""The e-mail message as bytes (RFC 5322, MIME, RFC 8058), from plain values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ADDRESS = re.compile(r"[^@\s<>\"(),:;\\\[\]]+@[^@\s<>\"(),:;\\\[\]]+")


class UnsafeAddress(ValueError):
    """The text is not one plain mail address."""


@dataclass(frozen=True)
class Attached:
    """A file that goes with a letter; `content_type` as in RFC 2045."""

    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True)
class Letter:
    """What is said, to whom, under which identity; addresses are plain `local@domain`."""

    message_id: str
    sent_at: datetime
    sender: str
    sender_name: str
    recipient: str
    subject: str
    text: str
    html: str = ""
    reply_to: str = ""
    language: str = "fr"
    unsubscribe_url: str = ""
    attachments: Sequence[Attached] = field(default_factory=tuple)


def one_line(text: str) -> str:
    """The text on one line, without control characters: nothing in it can start a header."""
    return " ".join(_CONTROLS.sub(" ", text).split())


def plain_address(text: str) -> str:
    """The mail address in the form given to the server: domain in lower case, IDNA-encoded.

    Raises UnsafeAddress for a display name, several addresses, a line break or any
    character that has a meaning in an SMTP command.
    """
    if not _ADDRESS.fullmatch(text) or _CONTROLS.search(text):
        raise UnsafeAddress(repr(text))
    local, _, domain = text.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode().lower()}"
    except UnicodeError as error:
        raise UnsafeAddress(repr(text)) from error


def compose(letter: Letter) -> bytes:
    """The message, CRLF line ends, ready for SMTP DATA.

    The Message-ID is the caller's and stable, so that a message sent twice after a crash is
    recognised as one by the receiving server. Raises UnsafeAddress.
    """
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = f"<{plain_address(letter.message_id)}>"
    message["Date"] = format_datetime(letter.sent_at)
    message["From"] = Address(one_line(letter.sender_name), addr_spec=plain_address(letter.sender))
    message["To"] = Address(addr_spec=plain_address(letter.recipient))
    if letter.reply_to:
        message["Reply-To"] = Address(addr_spec=plain_address(letter.reply_to))
    message["Subject"] = one_line(letter.subject)
    message["Content-Language"] = one_line(letter.language)
    # RFC 3834: an absence responder must not answer.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="quoted-printable")
    if letter.html:
        message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    for attached in letter.attachments:
        kind, _, parameters = attached.content_type.partition(";")
        main, _, sub = kind.strip().partition("/")
        message.add_attachment(
            attached.data, maintype=main, subtype=sub, filename=one_line(attached.name)
        )
        part = message.get_payload()[-1]  # type: ignore[index]
        for parameter in filter(None, (p.strip() for p in parameters.split(";"))):
            name, _, value = parameter.partition("=")
            part.set_param(one_line(name), one_line(value))  # type: ignore[union-attr]
    return _one_click(letter.unsubscribe_url) + message.as_bytes()


def _one_click(url: str) -> bytes:
    """The headers of RFC 8058, on lines of their own: some providers do not read a folded address."""
    if not url:
        return b""
    address = one_line(url).encode("ascii")
    return (
        b"List-Unsubscribe: <" + address + b">\r\n"
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    )
