from django.utils.translation import gettext_lazy as _

from beffroi.base.access.public import Role, declare

declare("people.own_account", _("Gérer son propre compte"), *Role)
declare("people.manage", _("Gérer les comptes et les rôles"), Role.ADMIN)
declare("authorities.edit", _("Modifier la fiche de la collectivité"), Role.ADMIN)
