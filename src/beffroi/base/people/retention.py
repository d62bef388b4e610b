RETENTION = {
    "Person": {
        "days": 30,
        "reason": "nom et coordonnées sans compte, une fois que plus aucune démarche ne s’y rapporte",
    },
}
