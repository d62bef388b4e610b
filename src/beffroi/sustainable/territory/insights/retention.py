"""How long insights are kept."""

from django.utils.translation import gettext_lazy as _

RETENTION = {
    "Insight": {
        "days": 1825,
        "reason": _("Juger une règle et un réseau sur cinq ans de constats."),
        "since": "ended_at",
    },
}
