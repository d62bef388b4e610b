RETENTION = {
    "Conversation": {
        "days": 90,
        "reason": "répondre, puis améliorer les réponses ; plus rien après",
        "since": "last_at",
    },
    "Turn": {"days": 90, "reason": "effacé avec sa conversation"},
    "HandOver": {"days": 90, "reason": "effacé avec sa conversation"},
}
