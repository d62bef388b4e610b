RETENTION = {
    "Mail": {
        "days": 30,
        "reason": "adresse et contenu des courriels remis ; le registre garde l’état et une empreinte",
    },
    "Consent": {"days": 7, "reason": "demandes d’abonnement jamais confirmées"},
}
