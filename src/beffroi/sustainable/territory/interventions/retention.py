"""How long interventions and their logs are kept."""

from django.utils.translation import gettext_lazy as _

RETENTION = {
    "Intervention": {
        "days": 1825,
        "reason": _("La collectivité répond de ses travaux cinq ans après leur fin."),
        "since": "closed_at",
    },
}
