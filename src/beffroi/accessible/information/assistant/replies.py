"""What the assistant may say, apart from extracts: every sentence of its own is here."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from beffroi.base.authorities.models import Authority

from .engine.emergencies import Emergency


class ReplyKind(StrEnum):
    ANSWER = "answer"
    NOTICE = "notice"
    ASK_BACK = "ask_back"
    UNKNOWN = "unknown"
    EMERGENCY = "emergency"
    HUMAN = "human"
    PERSONAL_DATA = "personal_data"
    LANGUAGE = "language"
    IDENTITY = "identity"
    SMALL_TALK = "small_talk"
    INJECTION = "injection"
    NOISE = "noise"


OFFERS_AN_AGENT = frozenset(
    {ReplyKind.UNKNOWN, ReplyKind.HUMAN, ReplyKind.PERSONAL_DATA, ReplyKind.LANGUAGE}
)


@dataclass(frozen=True, slots=True)
class Citation:
    """Where the words come from. ``extract`` is verbatim; dates are ISO, empty when unknown."""

    kind: str  # article | notice
    id: int
    title: str
    extract: str
    heading: str = ""
    url: str = ""
    source: str = ""
    language: str = "fr"
    verified_on: str = ""
    snapshot: str = ""
    notice_ref: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the articles between which the assistant asks the person to choose."""

    article: int
    label: str


@dataclass(frozen=True, slots=True)
class Reply:
    kind: ReplyKind
    text: str = ""
    citations: tuple[Citation, ...] = ()
    choices: tuple[Choice, ...] = ()
    probability: float | None = None
    language: str = "fr"
    ranked: tuple[int, ...] = field(default=())
    """Articles in order of score, best first: what the benches measure; not stored."""
    knowledge_version: int | None = None
    emergency: Emergency | None = None

    def citations_as_json(self) -> list[dict[str, Any]]:
        return [asdict(citation) for citation in self.citations]

    def choices_as_json(self) -> list[dict[str, Any]]:
        return [asdict(choice) for choice in self.choices]


def emergency(found: Emergency) -> Reply:
    words = {
        "fire": _("Appelez tout de suite les pompiers : le 18 (ou le 112)."),
        "gas": _("Sortez, n’allumez rien, et appelez tout de suite le 18 (ou le 112)."),
        "medical": _("Appelez tout de suite le SAMU : le 15 (ou le 112)."),
        "police": _("Appelez tout de suite la police ou la gendarmerie : le 17 (ou le 112)."),
        "partner_violence": _(
            "Si vous êtes en danger maintenant, appelez le 17. Pour parler et être aidée, appelez le "
            "3919 : c’est gratuit et anonyme, jour et nuit."
        ),
        "suicide": _(
            "Appelez le 3114 : quelqu’un vous écoute, jour et nuit, gratuitement. En danger immédiat, "
            "appelez le 15."
        ),
        "child": _("Appelez le 119, gratuit jour et nuit. En danger immédiat, appelez le 17."),
        "deaf": _("Le 114 répond par SMS, par visio et par tchat, jour et nuit."),
    }
    also = _("Si vous ne pouvez pas parler ou entendre, écrivez au 114 par SMS.")
    text = words[found.kind] if found.kind == "deaf" else f"{words[found.kind]}\n{also}"
    return Reply(ReplyKind.EMERGENCY, text, emergency=found)


def unknown() -> Reply:
    text = _("Je ne sais pas répondre à cette question. Un agent peut vous répondre.")
    return Reply(ReplyKind.UNKNOWN, text)


def no_notice(place: str) -> Reply:
    text = _(
        "Aucune annonce n’est en cours pour %(place)s. Un agent peut vérifier et vous répondre."
    ) % {"place": place}
    return Reply(ReplyKind.UNKNOWN, text)


def human() -> Reply:
    return Reply(ReplyKind.HUMAN, _("Bien sûr. Un agent va prendre le relais."))


def personal_data() -> Reply:
    text = _(
        "J’ai masqué vos informations personnelles : je n’en ai pas besoin et je ne peux pas consulter "
        "votre dossier. Un agent peut le faire."
    )
    return Reply(ReplyKind.PERSONAL_DATA, text)


def identity(authority: Authority) -> Reply:
    text = _(
        "Je suis un programme, pas une personne. Je cherche dans les textes de %(authority)s et de "
        "service-public.fr, et je cite ce que je trouve. Un agent peut prendre le relais."
    ) % {"authority": authority.name}
    return Reply(ReplyKind.IDENTITY, text)


def small_talk() -> Reply:
    text = _("Bonjour ! Posez-moi une question sur une démarche, un service ou votre rue.")
    return Reply(ReplyKind.SMALL_TALK, text)


def thanks() -> Reply:
    return Reply(ReplyKind.SMALL_TALK, _("Avec plaisir. Avez-vous une autre question ?"))


def injection() -> Reply:
    text = _("Je ne peux que citer des textes publics sur les démarches et les services.")
    return Reply(ReplyKind.INJECTION, text)


def noise() -> Reply:
    text = _("Je n’ai pas compris. Écrivez votre question en quelques mots.")
    return Reply(ReplyKind.NOISE, text)


# Said in the person's own language; the service itself answers in French and English.
_IN_LANGUAGE = {
    "en": "Our verified texts are in French, so I will not guess an answer in English. An agent can answer you.",
    "es": "Nuestros textos verificados están en francés. Un agente puede responderle.",
    "pt": "Os nossos textos verificados estão em francês. Um agente pode responder-lhe.",
    "it": "I nostri testi verificati sono in francese. Un operatore può risponderle.",
    "de": "Unsere geprüften Texte sind auf Französisch. Eine Mitarbeiterin oder ein Mitarbeiter kann Ihnen antworten.",
    "nl": "Onze gecontroleerde teksten zijn in het Frans. Een medewerker kan u antwoorden.",
    "pl": "Nasze sprawdzone teksty są po francusku. Pracownik urzędu może Państwu odpowiedzieć.",
    "ro": "Textele noastre verificate sunt în franceză. Un agent vă poate răspunde.",
    "tr": "Doğrulanmış metinlerimiz Fransızcadır. Bir görevli size cevap verebilir.",
    "ru": "Наши проверенные тексты на французском языке. Вам может ответить сотрудник.",
    "uk": "Наші перевірені тексти французькою мовою. Вам може відповісти працівник.",
    "ar": "نصوصنا الموثوقة باللغة الفرنسية. يمكن لموظف أن يجيبك.",
    "fa": "متن‌های تأییدشدهٔ ما به زبان فرانسوی است. یک کارمند می‌تواند به شما پاسخ دهد.",
    "zh": "我们核实过的文本是法语。工作人员可以答复您。",
}


def other_language(code: str) -> Reply:
    """Never a French answer to a foreign question: the offer of an agent, in that language."""
    text = _IN_LANGUAGE.get(code) or f"{_IN_LANGUAGE['en']}\n(Langue : {code})"
    return Reply(ReplyKind.LANGUAGE, text, language=code if code in _IN_LANGUAGE else "en")
