"""`beffroi doctor`: looks at the machine, the settings, the mail server, the disk and the clock."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator

from beffroi.project.configuration import Installation
from beffroi.project.operations import doctor_machine, doctor_network, doctor_settings
from beffroi.project.operations.finding import Finding

Check = Callable[[Installation], Iterator[Finding]]
CHECKS: tuple[Check, ...] = (
    doctor_machine.python,
    doctor_machine.sqlite,
    doctor_machine.folder,
    doctor_machine.space,
    doctor_machine.disk_speed,
    doctor_machine.clock,
    doctor_machine.descriptors,
    doctor_settings.names,
    doctor_settings.values,
    doctor_settings.migrations,
    doctor_network.ports,
    doctor_network.certificate,
    doctor_network.mail,
)
LABELS = {"ok": "ok", "attention": "attention", "problem": "problème"}


def examine(installation: Installation) -> Iterator[Finding]:
    """All findings. A check that fails by itself is a finding too."""
    for check in CHECKS:
        try:
            yield from check(installation)
        except Exception as error:  # noqa: BLE001 - a doctor must see the next organ too
            yield Finding(
                "problem",
                check.__name__,
                f"la vérification a échoué : {error!r}",
                "Signalez-le avec la sortie complète de cette commande.",
            )


def run(argv: list[str]) -> int:
    argparse.ArgumentParser(prog="beffroi doctor", description=__doc__).parse_args(argv)
    worst = "ok"
    for finding in examine(Installation.from_environment()):
        if finding.level == "problem" or (finding.level == "attention" and worst == "ok"):
            worst = finding.level
        sys.stdout.write(f"{LABELS[finding.level]:<9}  {finding.subject} : {finding.text}\n")
        if finding.advice:
            sys.stdout.write(f"           → {finding.advice}\n")
        sys.stdout.flush()
    conclusion = {
        "ok": "Tout va bien.",
        "attention": "La ville peut tourner ; regardez les points d’attention.",
        "problem": "Il y a au moins un problème à corriger.",
    }[worst]
    sys.stdout.write(f"{conclusion}{os.linesep}")
    return 1 if worst == "problem" else 0
