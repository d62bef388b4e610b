from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AppointmentsConfig(AppConfig):
    name = "beffroi.accessible.reception.appointments"
    label = "appointments"
    verbose_name = _("Rendez-vous")

    def ready(self) -> None:
        from beffroi.base.design.public import register_menu
        from beffroi.base.desk.public import register_work
        from beffroi.base.imports.public import register_importer
        from beffroi.base.people.public import register_procedures
        from beffroi.base.portal.public import register_door, register_search
        from beffroi.base.provenance.public import describe

        from . import presence
        from .adapters.agenda import Agenda

        register_work("appointments", presence.work_of)
        register_importer(Agenda)
        register_procedures("appointments", presence.procedures_of)
        register_door(10, _("Prendre rendez-vous"), presence.door_hint, "appointments:reasons")
        register_menu("desk", 30, _("Agenda"), "appointments:agenda", "appointments.see")
        register_menu("resident", 30, _("Rendez-vous"), "appointments:reasons")
        register_search("appointments", presence.search)
        describe("appointments.appointment", presence.describe_appointment)
