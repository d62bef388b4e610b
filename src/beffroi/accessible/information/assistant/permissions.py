from django.utils.translation import gettext_lazy as _

from beffroi.base.access.public import Role, declare

declare("assistant.answer", _("Répondre aux usagers"), Role.AGENT, Role.HEAD, Role.ADMIN)
