from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotifyConfig(AppConfig):
    name = "beffroi.base.notify"
    label = "notify"
    verbose_name = _("Courriels")

    def ready(self) -> None:
        from beffroi.base.design.public import register_menu
        from beffroi.base.desk.public import register_work

        from .work import waiting_mails

        register_work("notify", waiting_mails)
        register_menu("desk", 90, _("Courriels"), "notify:log", permission="notify.log")
