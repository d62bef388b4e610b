from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssistantConfig(AppConfig):
    name = "beffroi.accessible.information.assistant"
    label = "assistant"
    verbose_name = _("Assistant")

    def ready(self) -> None:
        from beffroi.base.design.public import register_menu
        from beffroi.base.desk.public import register_work
        from beffroi.base.imports.public import register_importer
        from beffroi.base.people.procedures import register_procedures
        from beffroi.base.portal.public import register_answer, register_door
        from beffroi.base.provenance.public import describe

        from . import portal, queries
        from .adapters.articles import ArticleImporter

        register_importer(ArticleImporter)
        register_work("assistant", queries.waiting_hand_overs)
        register_menu("resident", 30, _("Poser une question"), "assistant:ask")
        register_menu(
            "desk", 20, _("Conversations"), "assistant:desk", permission="assistant.answer"
        )
        register_procedures("assistant", queries.conversations_of)
        register_answer(portal.answer_block)
        register_door(
            20,
            _("Signaler un problème"),
            _("Lampe, dépôt, nid-de-poule : un agent vous répond"),
            "assistant:ask",
        )
        describe("assistant.conversation", queries.describe_conversation)
