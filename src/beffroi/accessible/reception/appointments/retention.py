"""How long the reception keeps what residents gave; the sweep is in tasks.py, claims go too."""

from django.utils.translation import gettext_lazy as _

RETENTION = {
    # As RDV Service Public does.
    "Appointment": {
        "days": 730,
        "reason": _("Deux ans après le rendez-vous, il est oublié avec les réponses données."),
    },
}
