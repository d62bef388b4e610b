from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkshopsConfig(AppConfig):
    name = "beffroi.accessible.inclusion.workshops"
    label = "workshops"
    verbose_name = _("Ateliers")

    def ready(self) -> None:
        from beffroi.accessible.information.signage.public import register_zone
        from beffroi.base.design.public import register_menu
        from beffroi.base.desk.public import register_work
        from beffroi.base.people.public import register_procedures
        from beffroi.base.portal.public import register_door, register_search
        from beffroi.base.provenance.public import describe

        from . import presence

        register_work("workshops", presence.work_of)
        register_procedures("workshops", presence.procedures_of)
        register_door(30, _("Agenda et ateliers"), presence.door_hint, "workshops:sessions")
        register_menu("desk", 40, _("Ateliers"), "workshops:desk", "workshops.manage")
        register_menu("resident", 40, _("Ateliers"), "workshops:sessions")
        register_search("workshops", presence.search)
        register_zone(20, presence.screen_zone)
        describe("workshops.registration", presence.describe_registration)
        describe("workshops.workshop", presence.describe_workshop)
