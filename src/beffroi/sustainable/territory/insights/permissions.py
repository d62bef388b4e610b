from django.utils.translation import gettext_lazy as _

from beffroi.base.access.public import Role, declare

declare("insights.see", _("Voir les constats et les règles"), Role.AGENT, Role.HEAD, Role.ADMIN)
declare(
    "insights.act", _("Agir sur un constat : envoyer, prévenir, écarter"), Role.AGENT, Role.HEAD
)
declare("insights.rules", _("Écrire, essayer et activer les règles"), Role.HEAD, Role.ADMIN)
