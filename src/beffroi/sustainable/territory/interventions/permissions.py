from django.utils.translation import gettext_lazy as _

from beffroi.base.access.public import Role, declare

declare(
    "interventions.see", _("Voir les interventions"), Role.AGENT, Role.FIELD, Role.HEAD, Role.ADMIN
)
declare(
    "interventions.manage", _("Créer, confier et clore les interventions"), Role.AGENT, Role.HEAD
)
declare(
    "interventions.work",
    _("Faire avancer une intervention sur le terrain"),
    Role.FIELD,
    Role.AGENT,
    Role.HEAD,
)
