from django.utils.translation import gettext_lazy as _

RETENTION = {
    "Conversation": {
        "days": 90,
        "reason": _("Répondre, puis améliorer les réponses."),
        "since": "last_at",
    },
    "Turn": {"days": 90, "reason": _("Effacé avec sa conversation.")},
    "HandOver": {"days": 90, "reason": _("Effacé avec sa conversation.")},
}
