from django.utils.translation import gettext_lazy as _

RETENTION = {
    "Entry": {
        "days": 366,
        "reason": _("Sécurité : savoir qui a fait quoi (la CNIL demande de six mois à un an)."),
        "least": 366,
        "since": "at",
    }
}
