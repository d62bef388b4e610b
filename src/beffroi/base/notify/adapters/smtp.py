"""One SMTP server, by URL: `smtp://user:password@host:port?starttls=1` or `smtps://…`."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from urllib.parse import parse_qs, unquote, urlsplit

TIMEOUT_SECONDS = 20.0


class Outcome(Enum):
    ACCEPTED = "accepted"
    #: Worth another try: server down, 4xx, or our own settings refused.
    TEMPORARY = "temporary"
    #: This message to this address will never be accepted (5xx on RCPT or DATA).
    PERMANENT = "permanent"


@dataclass(frozen=True)
class Answer:
    outcome: Outcome
    #: What the server said, for the delivery log; never the message's content.
    reason: str = ""
    #: The address itself does not exist or refuses everything (RFC 3463 5.1.x, 5.2.1).
    address_is_dead: bool = False


class BadServerUrl(ValueError):
    """The URL is not understood; the text says how to write it."""


@dataclass(frozen=True)
class SmtpServer:
    host: str
    port: int
    user: str = ""
    password: str = ""
    starttls: bool = False
    implicit_tls: bool = False

    @classmethod
    def from_url(cls, url: str) -> SmtpServer:
        """Raises BadServerUrl; a password over plain text is accepted on loopback only."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise BadServerUrl(str(error)) from error
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise BadServerUrl("expected smtp://user:password@host:port?starttls=1 or smtps://…")
        implicit = parts.scheme == "smtps"
        options = parse_qs(parts.query)
        server = cls(
            host=parts.hostname,
            port=port or (465 if implicit else 587 if parts.username else 25),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            starttls=options.get("starttls", ["0"])[-1] in {"1", "true", "yes"},
            implicit_tls=implicit,
        )
        loopback = server.host in {"127.0.0.1", "::1", "localhost"}
        if server.password and not (server.starttls or implicit or loopback):
            raise BadServerUrl(
                "a password needs ?starttls=1 or smtps:// (it would travel readable)"
            )
        return server

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A connected session; raises OSError or smtplib.SMTPException when the server is away."""
        context = ssl.create_default_context()
        client: smtplib.SMTP
        if self.implicit_tls:
            client = smtplib.SMTP_SSL(
                self.host, self.port, timeout=TIMEOUT_SECONDS, context=context
            )
        else:
            client = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)
        try:
            if self.starttls:
                client.starttls(context=context)
            if self.user:
                client.login(self.user, self.password)
            client.ehlo_or_helo_if_needed()
            yield Session(client)
        finally:
            try:
                client.quit()
            except (OSError, smtplib.SMTPException):
                client.close()


class Session:
    """Several messages over one connection."""

    def __init__(self, client: smtplib.SMTP) -> None:
        self.client = client

    def send(self, sender: str, recipient: str, message: bytes) -> Answer:
        """Hands one message over; raises OSError or SMTPServerDisconnected when the line breaks.

        A line broken after DATA leaves the outcome unknown: the caller sends again, under the
        same Message-ID.
        """
        code, said = self.client.mail(sender)
        if code != 250:
            # Refusing the sender says nothing of the recipient: a setting to correct.
            self.client.rset()
            return Answer(Outcome.TEMPORARY, _say("MAIL FROM", code, said))
        code, said = self.client.rcpt(recipient)
        if code not in (250, 251):
            self.client.rset()
            return _refusal("RCPT TO", code, said)
        try:
            code, said = self.client.data(message)
        except smtplib.SMTPDataError as error:
            code, said = error.smtp_code, _bytes(error.smtp_error)
        if code != 250:
            self.client.rset()
            return _refusal("DATA", code, said)
        return Answer(Outcome.ACCEPTED, _say("DATA", code, said))


def _refusal(step: str, code: int, said: bytes) -> Answer:
    if not 500 <= code < 600:
        return Answer(Outcome.TEMPORARY, _say(step, code, said))
    dead = step == "RCPT TO" and said.strip().startswith((b"5.1.", b"5.2.1"))
    return Answer(Outcome.PERMANENT, _say(step, code, said), address_is_dead=dead)


def _say(step: str, code: int, said: bytes) -> str:
    return f"{step}: {code} {said.decode('utf-8', 'replace')}"[:300]


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()
