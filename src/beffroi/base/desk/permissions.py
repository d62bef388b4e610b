from django.utils.translation import gettext_lazy as _

from beffroi.base.access.public import Role, declare

declare("desk.see", _("Voir le bureau"), Role.AGENT, Role.FIELD, Role.HEAD, Role.ADMIN)
