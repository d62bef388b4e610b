from django.utils.translation import gettext_lazy as _

from beffroi.base.access.public import Role, declare

declare("retention.read", _("Voir les durées de conservation"), Role.ADMIN, Role.HEAD)
declare("retention.edit", _("Choisir les durées de conservation"), Role.ADMIN)
