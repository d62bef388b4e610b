from django.utils.translation import gettext_lazy as _

from beffroi.base.access.public import Role, declare

declare("signage.manage", _("Gérer les écrans"), Role.AGENT, Role.HEAD, Role.ADMIN)
