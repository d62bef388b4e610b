"""How long the workshops keep who came; the sweep is in tasks.py."""

from django.utils.translation import gettext_lazy as _

RETENTION = {
    "Registration": {
        "days": 365,
        "reason": _("Compter les présences d’une année ; ensuite les noms ne servent plus."),
    },
}
