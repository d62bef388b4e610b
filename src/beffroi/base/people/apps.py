from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "beffroi.base.people"
    label = "people"
    verbose_name = _("Personnes")

    def ready(self) -> None:
        autodiscover_modules("personal_data", "retention")
        from beffroi.base.portal.public import register_door

        register_door(40, _("Mes démarches"), _("Avec un compte"), "people:procedures")
