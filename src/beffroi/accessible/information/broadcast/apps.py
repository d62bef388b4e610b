from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BroadcastConfig(AppConfig):
    name = "beffroi.accessible.information.broadcast"
    label = "broadcast"
    verbose_name = _("Annonces")

    def ready(self) -> None:
        from . import announcing

        announcing.register()
