from django.utils.translation import gettext_lazy as _

from beffroi.base.access.public import Role, declare

declare("notify.log", _("Lire le registre des courriels"), Role.ADMIN, Role.HEAD)
