"""How long the workshops keep who came; the sweep is in tasks.py."""

RETENTION = {
    "Registration": {
        "days": 365,
        "reason": "A year after the session, for attendance figures; then the names are of no use.",
    },
}
