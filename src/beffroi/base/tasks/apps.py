from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class TasksConfig(AppConfig):
    name = "beffroi.base.tasks"
    label = "tasks"
    verbose_name = _("Tâches")

    def ready(self) -> None:
        autodiscover_modules("tasks")
