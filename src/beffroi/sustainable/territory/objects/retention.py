"""How long readings and what was put aside are kept."""

RETENTION = {
    "QuarantinedReading": {
        "days": 30,
        "reason": "Long enough to repair a device; what it sent by mistake is worth nothing after.",
        "since": "received_at",
    },
    "Datastream": {
        "days": 5475,
        "reason": "Readings: fifteen years, to compare a network or a building over its life; dropped by "
        "whole months, by objects.drop_old_months, once no authority keeps them. Series stay.",
    },
}
