from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ObjectsConfig(AppConfig):
    name = "beffroi.sustainable.territory.objects"
    label = "objects"
    verbose_name = _("Objets du territoire")

    def ready(self) -> None:
        from . import wiring

        wiring.connect()
