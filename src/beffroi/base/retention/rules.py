"""The rules that rooms declare in their `retention.py`:

    RETENTION = {"Conversation": {"days": 90, "reason": _("…"), "since": "updated_at"}}

`since` names the date from which the days count; the nightly sweep then removes the rows
itself. Without it the room removes them by a task of its own, or with their parent. `least`
names the fewest days that an authority may choose.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.db.models import Model

from beffroi.base.authorities.models import Authority

from .models import Duration


@dataclass(frozen=True)
class Rule:
    kind: str  # "assistant.Conversation"
    days: int
    reason: str
    since: str
    least: int = 1

    @property
    def model(self) -> type[Model]:
        return apps.get_model(self.kind)

    @property
    def path_to_authority(self) -> str:
        """How a row leads to its authority; empty when it belongs to none."""
        names = {field.name for field in self.model._meta.get_fields()}
        return "authority" if "authority" in names else ""


def all_rules() -> list[Rule]:
    found = []
    for config in apps.get_app_configs():
        if config.name.startswith("beffroi.") and find_spec(f"{config.name}.retention"):
            declared = import_module(f"{config.name}.retention")
            for name, rule in getattr(declared, "RETENTION", {}).items():
                found.append(
                    Rule(
                        f"{config.label}.{name}",
                        rule["days"],
                        str(rule["reason"]),
                        rule.get("since", ""),
                        rule.get("least", 1),
                    )
                )
    return sorted(found, key=lambda rule: rule.kind)


def durations_of(authority: Authority) -> dict[str, int]:
    """Days by kind: the authority's own choice, else the default."""
    chosen = dict(Duration.objects.filter(authority=authority).values_list("kind", "days"))
    return {rule.kind: chosen.get(rule.kind, rule.days) for rule in all_rules()}
