from django.utils.translation import gettext_lazy as _

from beffroi.base.access.public import Role, declare

declare("imports.run", _("Importer des données"), Role.ADMIN, Role.HEAD)
