from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InterventionsConfig(AppConfig):
    name = "beffroi.sustainable.territory.interventions"
    label = "interventions"
    verbose_name = _("Interventions")

    def ready(self) -> None:
        from . import wiring

        wiring.connect()
