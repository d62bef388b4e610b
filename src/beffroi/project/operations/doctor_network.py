"""The network: the port, the certificate, the mail server."""

from __future__ import annotations

import errno
import smtplib
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from beffroi.project.configuration import Installation, value
from beffroi.project.operations.finding import Finding

PATIENCE = 5.0
RENEW_DAYS = 21


def ports(installation: Installation) -> Iterator[Finding]:
    wanted = {"Port public": (value("BEFFROI_HOST"), installation.port),
              "Port MQTT": (value("BEFFROI_MQTT_HOST"), installation.mqtt_port)}  # fmt: skip
    running = _runs(installation)
    for subject, (host, port) in wanted.items():
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if error.errno == errno.EADDRINUSE and running:
                    yield Finding("ok", subject, f"{host} port {port}, tenu par cette ville")
                elif error.errno == errno.EADDRINUSE:
                    yield Finding(
                        "problem",
                        subject,
                        f"{port} est pris par un autre programme",
                        "Choisissez-en un autre : --port PORT",
                    )
                else:
                    yield Finding(
                        "problem",
                        subject,
                        f"{host} port {port} : {error.strerror}",
                        "Corrigez l’adresse ou le port.",
                    )
            else:
                yield Finding("ok", subject, f"{host} port {port}, libre")


def _runs(installation: Installation) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(installation.run / "live.sock"))
        except OSError:
            return False
    return True


def certificate(_: Installation) -> Iterator[Finding]:
    chain, key = value("BEFFROI_TLS_CERT"), value("BEFFROI_TLS_KEY")
    if not (chain and key):
        return
    subject = "Certificat"
    try:
        leaf = x509.load_pem_x509_certificates(Path(chain).read_bytes())[0]
        private = load_pem_private_key(Path(key).read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        yield Finding(
            "problem",
            subject,
            f"illisible : {error}",
            "Il faut deux fichiers PEM, la clé sans mot de passe.",
        )
        return
    if leaf.public_key() != private.public_key():
        yield Finding(
            "problem",
            subject,
            "la clé n’est pas celle du certificat",
            "Donnez la paire qui va ensemble.",
        )
        return
    left = leaf.not_valid_after_utc - datetime.now(UTC)
    text = f"valable jusqu’au {leaf.not_valid_after_utc:%Y-%m-%d} ({left.days} jours)"
    if left.total_seconds() <= 0:
        yield Finding(
            "problem", subject, "expiré", "Renouvelez-le : le nouveau est pris sans redémarrer."
        )
    elif left.days < RENEW_DAYS:
        yield Finding(
            "attention",
            subject,
            text,
            "Renouvelez-le bientôt : le nouveau est pris sans redémarrer.",
        )
    else:
        yield Finding("ok", subject, text)


def mail(_: Installation) -> Iterator[Finding]:
    """Connects and greets as a mail would, without sending one."""
    subject, url = "Serveur de courriel", value("BEFFROI_SMTP_URL")
    if not url:
        yield Finding(
            "attention", subject, "non réglé : les courriels attendent", "Donnez BEFFROI_SMTP_URL."
        )
        return
    parts = urlsplit(url)
    options = parse_qs(parts.query)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        yield Finding(
            "problem",
            subject,
            "BEFFROI_SMTP_URL est mal écrit",
            "smtp://nom:motdepasse@serveur:587?starttls=1",
        )
        return
    host = parts.hostname
    try:
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, parts.port or 465, timeout=PATIENCE, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(host, parts.port or 25, timeout=PATIENCE)
        with server:
            if options.get("starttls", ["0"])[0] == "1":
                server.starttls(context=ssl.create_default_context())
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            code, answer = server.noop()
    except smtplib.SMTPAuthenticationError:
        yield Finding(
            "problem",
            subject,
            f"{host} refuse le nom ou le mot de passe",
            "Corrigez BEFFROI_SMTP_URL.",
        )
    except (OSError, smtplib.SMTPException) as error:
        yield Finding(
            "problem",
            subject,
            f"{host} ne répond pas : {error}",
            "Vérifiez l’adresse, le port, le pare-feu.",
        )
    else:
        if code == 250:
            yield Finding("ok", subject, f"{host} répond")
        else:
            yield Finding(
                "problem",
                subject,
                f"{host} répond {code} {answer!r}",
                "Demandez à qui tient ce serveur.",
            )
