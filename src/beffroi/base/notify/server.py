"""The mail server of this installation, from BEFFROI_SMTP_URL."""

from __future__ import annotations

from dataclasses import dataclass

from beffroi.project.configuration import value

from .adapters.smtp import BadServerUrl, SmtpServer


@dataclass(frozen=True)
class ServerState:
    """`server` is None when nothing can leave; `problem` then says why, in English for the log."""

    server: SmtpServer | None
    problem: str = ""


def server_state() -> ServerState:
    url = value("BEFFROI_SMTP_URL")
    if not url:
        return ServerState(None, "BEFFROI_SMTP_URL is not set: mails wait, nothing is lost")
    try:
        return ServerState(SmtpServer.from_url(url))
    except BadServerUrl as error:
        return ServerState(None, f"BEFFROI_SMTP_URL: {error}")


def configured_server() -> SmtpServer | None:
    return server_state().server
