"""How long interventions and their logs are kept."""

RETENTION = {
    "Intervention": {
        "days": 1825,
        "reason": "Five years after it was closed: the authority answers for its works that long.",
        "since": "closed_at",
    },
}
