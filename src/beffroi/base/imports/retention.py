RETENTION = {
    "ImportRun": {
        "days": 365,
        "reason": "savoir d’où viennent les données",
        "since": "created_at",
    },
    "RefusedLine": {"days": 365, "reason": "effacée avec son import"},
}
