from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    RESIDENT = "resident", _("Usager")
    PARTNER = "partner", _("Acteur local")
    FIELD = "field", _("Agent de terrain")
    AGENT = "agent", _("Agent")
    HEAD = "head", _("Responsable de service")
    ADMIN = "admin", _("Administrateur")
