"""How long insights are kept."""

RETENTION = {
    "Insight": {
        "days": 1825,
        "reason": "Five years, to judge a rule and a network by what happened before.",
        "since": "ended_at",
    },
}
