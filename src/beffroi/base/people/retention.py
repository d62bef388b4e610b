from django.utils.translation import gettext_lazy as _

RETENTION = {
    "Person": {
        "days": 30,
        "reason": _("Nom et coordonnées sans compte, quand plus aucune démarche ne s’y rapporte."),
    },
}
