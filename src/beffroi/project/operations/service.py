"""`beffroi service install`: writes systemd units, one per process and a target over them."""

from __future__ import annotations

import argparse
import os
import pwd
import sys
from pathlib import Path

from beffroi.project.configuration import CHECKOUT, SETTINGS, Installation
from beffroi.project.services.table import services

TARGET = """[Unit]
Description=Beffroi, services publics numériques
Wants={wanted}
After=network-online.target

[Install]
WantedBy=multi-user.target
"""

PREPARE = """[Unit]
Description=Beffroi : mise à jour de la base
PartOf=beffroi.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart={python} -m beffroi.project.operations.upgrade
{common}
"""

UNIT = """[Unit]
Description=Beffroi : {name}
PartOf=beffroi.target
After=network-online.target beffroi-prepare.service
Requires=beffroi-prepare.service
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart={command}
Restart=always
RestartSec=1
KillMode=mixed
TimeoutStopSec=15
{common}
"""

COMMON = """User={user}
Group={group}
WorkingDirectory={checkout}
EnvironmentFile=-{environment}
Environment=BEFFROI_DATA={data} BEFFROI_STATE={state}
LimitNOFILE=65536
UMask=0077
NoNewPrivileges=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=strict
ReadWritePaths={data}
ProtectHome=read-only
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
CapabilityBoundingSet={capability}
AmbientCapabilities={capability}"""


def units(installation: Installation, user: str, group: str, environment: Path) -> dict[str, str]:
    """Name of each unit file, and its text."""

    def common(capability: str = "") -> str:
        return COMMON.format(
            user=user,
            group=group,
            checkout=CHECKOUT,
            environment=environment,
            data=installation.data,
            state=installation.state,
            capability=capability,
        )

    written = {"beffroi-prepare.service": PREPARE.format(python=sys.executable, common=common())}
    for service in services(installation):
        # Only the process that owns the public port may open one below 1024.
        low_port = service.name == "live" and installation.port < 1024
        written[f"beffroi-{service.name}.service"] = UNIT.format(
            name=service.name,
            command=" ".join(service.argv),
            common=common("CAP_NET_BIND_SERVICE" if low_port else ""),
        )
    written["beffroi.target"] = TARGET.format(wanted=" ".join(sorted(written)))
    return written


def _environment_file() -> str:
    """The settings that are set now, for the file that the units read."""
    kept = {"BEFFROI_DATA", "BEFFROI_STATE"}
    set_now = {
        name: os.environ[name] for name in SETTINGS if os.environ.get(name) and name not in kept
    }
    return "".join(f'{name}="{text}"\n' for name, text in sorted(set_now.items()))


def run(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="beffroi service", description=__doc__)
    parser.add_argument("action", choices=["install"])
    parser.add_argument("--folder", type=Path, default=Path("/etc/systemd/system"))
    parser.add_argument("--environment", type=Path, default=Path("/etc/beffroi.env"))
    parser.add_argument("--user", default="", help="compte qui fait tourner la ville")
    options = parser.parse_args(argv)
    installation = Installation.from_environment()
    owner = installation.data if installation.data.exists() else CHECKOUT
    user = options.user or owner.owner()
    try:
        group = str(pwd.getpwnam(user).pw_gid)
    except KeyError:
        sys.stderr.write(
            f"Le compte {user} n’existe pas. Créez-le : adduser --system --group {user}\n"
        )
        return 1
    if user == "root":
        sys.stderr.write(
            "Attention : les services tourneront sous root. Préférez --user beffroi.\n"
        )
    try:
        for name, text in units(installation, user, group, options.environment).items():
            (options.folder / name).write_text(text)
            sys.stdout.write(f"{options.folder / name}\n")
        if not options.environment.exists():
            options.environment.touch(mode=0o600)
            options.environment.write_text(_environment_file())
            sys.stdout.write(f"{options.environment}\n")
    except OSError as error:
        sys.stderr.write(
            f"{error.filename} ne peut pas être écrit ({error.strerror}). Relancez avec sudo.\n"
        )
        return 1
    sys.stdout.write(
        "Pour démarrer : systemctl daemon-reload && systemctl enable --now beffroi.target\n"
    )
    return 0
