from django.utils.translation import gettext_lazy as _

from beffroi.base.access.public import Role, declare

declare("broadcast.propose", _("Rédiger une annonce"), Role.AGENT, Role.HEAD, Role.FIELD)
declare("broadcast.publish", _("Publier une annonce"), Role.AGENT, Role.HEAD)
