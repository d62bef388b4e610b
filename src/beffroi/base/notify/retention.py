from django.utils.translation import gettext_lazy as _

RETENTION = {
    "Mail": {
        "days": 30,
        "reason": _(
            "Adresse et contenu des courriels remis ; le registre garde l’état et une empreinte."
        ),
    },
    "Consent": {"days": 7, "reason": _("Demandes d’abonnement jamais confirmées.")},
}
