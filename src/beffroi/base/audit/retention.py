RETENTION = {
    "Entry": {
        "days": 366,
        "reason": "sécurité : qui a fait quoi (CNIL, six mois à un an)",
        "since": "at",
    }
}
