from django.utils.translation import gettext_lazy as _

from beffroi.base.access.public import Role, declare

declare(
    "objects.see",
    _("Voir les objets et leurs mesures"),
    Role.AGENT,
    Role.FIELD,
    Role.HEAD,
    Role.ADMIN,
)
declare(
    "objects.manage", _("Gérer les objets, leurs séries et leurs jetons"), Role.HEAD, Role.ADMIN
)
declare("objects.write", _("Envoyer des mesures par une clé d’API"), Role.HEAD, Role.ADMIN)
declare("objects.import", _("Importer des mesures"), Role.HEAD, Role.ADMIN)
