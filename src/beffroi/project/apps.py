from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """The installation itself: its commands and what assembles the rooms."""

    name = "beffroi.project"
    label = "project"
