from django.utils.translation import gettext_lazy as _

from beffroi.base.access.public import Role, declare

declare("audit.read", _("Lire le journal"), Role.ADMIN, Role.HEAD)
