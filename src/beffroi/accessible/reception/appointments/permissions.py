from django.utils.translation import gettext_lazy as _

from beffroi.base.access.public import Role, declare

STAFF = (Role.AGENT, Role.HEAD, Role.ADMIN)

declare("appointments.see", _("Voir les agendas et les dossiers des rendez-vous"), *STAFF)
declare("appointments.book", _("Prendre et changer un rendez-vous pour quelqu’un"), *STAFF)
declare("appointments.plan", _("Modifier les plages d’ouverture et les absences"), *STAFF)
declare("appointments.configure", _("Modifier les motifs de rendez-vous"), Role.HEAD, Role.ADMIN)
