"""The settings: known names, values that make sense, a database that fits the program."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from urllib.parse import urlsplit

from beffroi.base.live.limits import networks
from beffroi.project.configuration import SETTINGS, Installation, flag, value
from beffroi.project.operations.finding import Finding

PREFIX = "BEFFROI_"
WHOLE_NUMBERS = (
    "BEFFROI_PORT", "BEFFROI_MQTT_PORT", "BEFFROI_WEB_WORKERS", "BEFFROI_WEB_THREADS",
    "BEFFROI_CONNECTIONS_PER_ADDRESS", "BEFFROI_REQUEST_BURST", "BEFFROI_MAX_UPLOAD_MB",
)  # fmt: skip
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def names(_: Installation) -> Iterator[Finding]:
    unknown = sorted(
        name for name in os.environ if name.startswith(PREFIX) and name not in SETTINGS
    )
    for name in unknown:
        near = difflib.get_close_matches(name, SETTINGS, n=1)
        advice = (
            f"Vouliez-vous écrire {near[0]} ?" if near else "La liste est dans docs/settings.md."
        )
        yield Finding("attention", "Réglages", f"{name} est inconnu et reste sans effet", advice)
    chosen = sorted(name for name in SETTINGS if os.environ.get(name))
    if not unknown:
        yield Finding("ok", "Réglages", f"{', '.join(chosen)}" if chosen else "tous par défaut")


def values(installation: Installation) -> Iterator[Finding]:
    subject = "Réglages"
    for name in WHOLE_NUMBERS:
        if not value(name).isdigit():
            yield Finding(
                "problem", subject, f"{name}={value(name)!r} n’est pas un nombre", "Corrigez-le."
            )
    for name in ("BEFFROI_TRUSTED_PROXY", "BEFFROI_UNLIMITED_ADDRESSES"):
        try:
            networks(value(name))
        except ValueError as error:
            yield Finding(
                "problem", subject, f"{name} : {error}", "Séparez des adresses par des virgules."
            )
    if bool(value("BEFFROI_TLS_CERT")) != bool(value("BEFFROI_TLS_KEY")):
        yield Finding("problem", subject, "certificat sans clé, ou clé sans certificat",
                      "Donnez BEFFROI_TLS_CERT et BEFFROI_TLS_KEY ensemble.")  # fmt: skip
    public = urlsplit(installation.public_url)
    exposed = value("BEFFROI_HOST") not in LOOPBACK
    if exposed and public.scheme != "https":
        yield Finding(
            "problem", subject, f"le service est ouvert au réseau ({value('BEFFROI_HOST')}) sans TLS",
            "Donnez un certificat (BEFFROI_TLS_CERT et BEFFROI_TLS_KEY) ou passez par : beffroi proxy nginx",
        )  # fmt: skip
    if (
        public.scheme == "https"
        and not value("BEFFROI_TLS_CERT")
        and not value("BEFFROI_TRUSTED_PROXY")
    ):
        yield Finding(
            "problem", subject, "l’adresse publique est en https mais personne ne termine TLS",
            "Derrière un serveur frontal : BEFFROI_TRUSTED_PROXY=127.0.0.1,::1",
        )  # fmt: skip
    if public.scheme == "https" and flag("BEFFROI_DEBUG"):
        yield Finding(
            "problem", subject, "BEFFROI_DEBUG montre le code à tous", "Retirez BEFFROI_DEBUG."
        )
    if public.scheme == "https" and flag("BEFFROI_DEMO"):
        yield Finding("attention", subject, "les comptes de démonstration ont un mot de passe connu",
                      "Sur une vraie ville : BEFFROI_DEMO=0 et un dossier de données neuf.")  # fmt: skip


def migrations(_: Installation) -> Iterator[Finding]:
    from django.db import DatabaseError

    from beffroi.project.operations.upgrade import pending_migrations

    try:
        pending = pending_migrations()
    except DatabaseError as error:
        yield Finding(
            "problem",
            "Base principale",
            str(error).strip(),
            "Vérifiez BEFFROI_DATABASE_URL et le dossier.",
        )
        return
    if pending:
        yield Finding(
            "attention", "Base principale", f"{len(pending)} étapes de mise à jour en attente",
            "Elles seront faites au prochain démarrage, après une sauvegarde.",
        )  # fmt: skip
    else:
        yield Finding("ok", "Base principale", "à jour")
