from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    name = "beffroi.base.desk"
    label = "desk"
    verbose_name = _("Bureau")

    def ready(self) -> None:
        from beffroi.base.design.public import register_menu

        register_menu("desk", 0, _("À faire"), "desk:home", permission="desk.see")
