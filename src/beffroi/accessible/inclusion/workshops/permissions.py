from django.utils.translation import gettext_lazy as _

from beffroi.base.access.public import Role, declare

STAFF = (Role.AGENT, Role.HEAD, Role.ADMIN)

declare("workshops.manage", _("Organiser les ateliers et voir les inscrits"), *STAFF)
declare(
    "workshops.propose", _("Proposer un atelier et suivre ses propositions"), Role.PARTNER, *STAFF
)
