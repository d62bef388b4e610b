from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SignageConfig(AppConfig):
    name = "beffroi.accessible.information.signage"
    label = "signage"
    verbose_name = _("Écrans")

    def ready(self) -> None:
        from beffroi.base.design.public import register_menu
        from beffroi.base.desk.public import register_work

        from .work import silent_screens
        from .zones import register_zone, site_hours

        register_zone(10, site_hours)
        register_work("signage", silent_screens)
        register_menu("desk", 80, _("Écrans"), "signage:screens", permission="signage.manage")
