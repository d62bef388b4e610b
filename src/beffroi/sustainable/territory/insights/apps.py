from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InsightsConfig(AppConfig):
    name = "beffroi.sustainable.territory.insights"
    label = "insights"
    verbose_name = _("Constats")

    def ready(self) -> None:
        from . import wiring

        wiring.connect()
