"""How long readings and what was put aside are kept."""

from django.utils.translation import gettext_lazy as _

RETENTION = {
    "QuarantinedReading": {
        "days": 30,
        "reason": _("Le temps de réparer l’appareil ; une mesure sans série ne sert plus ensuite."),
        "since": "received_at",
    },
    # Dropped by whole months, by objects.drop_old_months, once no authority keeps them. Series stay.
    "Datastream": {
        "days": 5475,
        "reason": _(
            "Comparer un réseau ou un bâtiment sur sa durée de vie : ses mesures, quinze ans."
        ),
    },
}
