"""A real SMTP server that does what the test plans."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from django.urls import clear_script_prefix


@dataclass
class Postmaster:
    """Takes mails; `answers` gives the reply to RCPT or DATA for an address, once each in order."""

    taken: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    at_rcpt: dict[str, list[str]] = field(default_factory=dict)
    at_data: list[str] = field(default_factory=list)
    #: Accept the message, then cut the line before the answer.
    cut_after_data: int = 0

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        planned = self.at_rcpt.get(address)
        if planned:
            return planned.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.at_data:
            return self.at_data.pop(0)
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        self.recipients += envelope.rcpt_tos
        if self.cut_after_data:
            self.cut_after_data -= 1
            assert server.transport is not None
            server.transport.abort()
        return "250 2.0.0 taken"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def check_login(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
) -> AuthResult:
    return AuthResult(
        success=(data.login, data.password) == (b"beffroi", b"p@ss word"), handled=False
    )


@pytest.fixture
def start_server() -> Iterator[Callable[..., Controller]]:
    started: list[Controller] = []

    def start(handler: Postmaster, port: int, **options: object) -> Controller:
        controller = Controller(handler, hostname="127.0.0.1", port=port, **options)
        controller.start()
        started.append(controller)
        return controller

    yield start
    for controller in started:
        controller.stop(no_assert=True)


@pytest.fixture(autouse=True)
def default_authority() -> None:
    """A request of another authority leaves its path prefix behind in this thread."""
    clear_script_prefix()


@pytest.fixture
def postmaster(
    start_server: Callable[..., Controller], monkeypatch: pytest.MonkeyPatch
) -> Postmaster:
    """A mail server that answers, known to the installation."""
    handler, port = Postmaster(), free_port()
    start_server(handler, port)
    monkeypatch.setenv("BEFFROI_SMTP_URL", f"smtp://127.0.0.1:{port}")
    monkeypatch.setenv("BEFFROI_MAIL_FROM", "ne-pas-repondre@vernay.example")
    return handler
