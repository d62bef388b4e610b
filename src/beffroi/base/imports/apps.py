from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImportsConfig(AppConfig):
    name = "beffroi.base.imports"
    label = "imports"
    verbose_name = _("Imports")

    def ready(self) -> None:
        from beffroi.base.design.public import register_menu

        register_menu("desk", 80, _("Imports"), "imports:list", permission="imports.run")
