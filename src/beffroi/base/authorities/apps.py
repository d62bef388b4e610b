from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuthoritiesConfig(AppConfig):
    name = "beffroi.base.authorities"
    label = "authorities"
    verbose_name = _("Collectivités")

    def ready(self) -> None:
        from . import imports  # noqa: F401 - registers the importers of addresses and maps
