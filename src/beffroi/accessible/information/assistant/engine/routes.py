"""What kind of message this is, before any search: the first rule that holds decides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from .analyser import fold, words
from .emergencies import Emergency, emergency_in
from .language import UNKNOWN, language_of
from .masking import mask


class Kind(StrEnum):
    """What sort of message it is; only a QUESTION is searched."""

    QUESTION = "question"
    EMERGENCY = "emergency"
    HUMAN = "human"
    PERSONAL_DATA = "personal_data"
    LANGUAGE = "language"
    IDENTITY = "identity"
    SMALL_TALK = "small_talk"
    INJECTION = "injection"
    NOISE = "noise"


@dataclass(frozen=True, slots=True)
class Route:
    """The kind of a message, with the danger it tells of or the language it is written in."""

    kind: Kind
    emergency: Emergency | None = None
    language: str = "fr"


_HUMAN = re.compile(
    r"\b(?:parler|parle|discuter|echanger|passez|passe|mettez|joindre|contacter|avoir|voir|rappele[rz]|humain)\b"
    r".{0,30}\b(?:agent|agente|quelqu'un|personne|humain|conseiller|conseillere|operateur|standard|secretariat)\b"
    r"|^(?:un |une )?(?:agent|agente|humain|conseiller|conseillere|operateur|standard)(?: svp| s'il vous plait)?$"
    r"|\bvraie personne\b|\bpas (?:a )?un robot\b"
    r"|\b(?:talk|speak) to (?:a |an |some)?(?:human|person|agent|someone|one)\b"
)
_PHONE_OF = re.compile(r"\b(?:numero|telephone)\b")
_INJECTION = re.compile(
    r"\b(?:ignore[sz]?|oublie[sz]?|contourne[sz]?|disregard|forget)\b.{0,40}\b"
    r"(?:instructions?|regles|consignes|rules|previous|prompt)\b"
    r"|\bprompt\b|\bmot de passe (?:admin\w*|root|du serveur|systeme)\b"
    r"|\bsystem prompt\b|\bjailbreak\b|\bmode developpeur\b"
    r"|\b(?:drop|truncate) table\b|\bunion select\b|<\s*script|\bjavascript:|\bagis comme\b|\bfais comme si tu etais\b"
    r"|\btes (?:instructions|consignes)\b|\{\{.*\}\}|\bact as\b"
)
_IDENTITY = re.compile(
    r"\b(?:t'es|tu es|es-tu|etes[- ]vous|vous etes|c'est|est-ce|parle)\b.{0,25}\b(?:robots?|machine|humaine?|bot|ia|"
    r"intelligence artificielle|vraie personne|ordinateur|automate)\b"
    r"|^(?:qui|quoi|tu es qui|t'es qui) ?(?:es[- ]tu|etes[- ]vous)?\??$"
    r"|\bqui (?:es[- ]tu|etes[- ]vous|t'a cree)\b|\bcomment (?:tu t'appelles|t'appelles[- ]tu|vous appelez[- ]vous)\b"
    r"|\b(?:ton|votre) (?:nom|prenom)\b ?\??$"
    r"|\bare you (?:a |an )?(?:robot|bot|human|ai)\b|\bque (?:peux|sais)[- ]tu faire\b"
)
_POLITE = """
bonjour bonsoir salut coucou hello hi hey merci revoir aurevoir ciao bye bientot va allez vas ok okay
accord parfait super genial top cool bien journee soiree thanks thank enchante cordialement gentil
bisous morning oui non
"""
_AROUND = """
beaucoup bonne bon nuit apres midi au a ca comment vous tu tout monde tres rien svp you good de votre
ton pour aide reponse week end weekend madame monsieur mesdames messieurs c est mille fois infiniment
"""
_SMALL_TALK_SIGNS = frozenset(_POLITE.split())
_SMALL_TALK_WORDS = _SMALL_TALK_SIGNS | frozenset(_AROUND.split())
_STATUS = re.compile(r"\b(?:mon|ma|notre) (?:dossier|demande)\b.{0,40}|\bou en est\b")
_VOWELS = frozenset("aeiouy")


def route(text: str) -> Route:
    """The kind of a message, any language, any length, empty included. Never raises."""
    folded = " ".join(fold(text).split())
    emergency = emergency_in(text)
    if emergency:
        return Route(Kind.EMERGENCY, emergency)
    found = words(text)
    if not found or _is_noise(found):
        by_script = language_of(text)
        if found and by_script not in (UNKNOWN, "fr"):
            return Route(Kind.LANGUAGE, language=by_script)
        return Route(Kind.NOISE)
    if _INJECTION.search(folded):
        return Route(Kind.INJECTION)
    if _IDENTITY.search(folded):
        return Route(Kind.IDENTITY)
    if _HUMAN.search(folded) and not _PHONE_OF.search(folded):
        return Route(Kind.HUMAN)
    if mask(text).kinds - {"phone", "email"} or (mask(text).kinds and _STATUS.search(folded)):
        return Route(Kind.PERSONAL_DATA)
    if len(found) <= 9 and set(found) <= _SMALL_TALK_WORDS and set(found) & _SMALL_TALK_SIGNS:
        return Route(Kind.SMALL_TALK)
    language = language_of(text)
    if language not in (UNKNOWN, "fr"):
        return Route(Kind.LANGUAGE, language=language)
    return Route(Kind.QUESTION)


def _is_noise(found: list[str]) -> bool:
    """Keys hit at random: no word that could be pronounced, or one letter repeated."""
    letters = [word for word in found if word.isalpha() and word.isascii()]
    if len(letters) < len(found):
        return False
    return all(_unpronounceable(word) for word in letters)


def _unpronounceable(word: str) -> bool:
    if len(word) < 5:
        return len(set(word)) == 1 and len(word) > 2
    run = longest = 0
    for letter in word:
        run = 0 if letter in _VOWELS else run + 1
        longest = max(longest, run)
    return longest >= 5 or len(set(word)) <= 2
