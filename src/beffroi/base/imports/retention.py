from django.utils.translation import gettext_lazy as _

RETENTION = {
    "ImportRun": {
        "days": 365,
        "reason": _("Savoir d’où viennent les données."),
        "since": "created_at",
    },
    "RefusedLine": {"days": 365, "reason": _("Effacée avec son import.")},
}
