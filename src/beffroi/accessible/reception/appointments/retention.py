"""How long the reception keeps what residents gave; the sweep is in tasks.py, claims go too."""

RETENTION = {
    "Appointment": {
        "days": 730,
        "reason": "Two years after it took place, as RDV Service Public does; then forgotten with "
        "its answers.",
    },
}
