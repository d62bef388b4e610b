from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class AccessConfig(AppConfig):
    name = "beffroi.base.access"
    label = "access"
    verbose_name = _("Accès")

    def ready(self) -> None:
        autodiscover_modules("permissions")
