"""Whether a question asks about something that happens now, and which announcement answers it."""

from __future__ import annotations

import re

from .analyser import fold, stem, terms, words

DOMAIN_WORDS = {
    "water": "eau robinet fuite canalisation potable pression compteur hydraulique douche coule",
    "energy": "électricité courant gaz chauffage panne électrique jus",
    "lighting": "lampadaire éclairage lumière réverbère éteint noir ampoule",
    "waste": "poubelle déchet collecte ordure tri benne bac ramassage encombrant éboueur",
    "fire": "feu fumée incendie flamme brûle",
    "roads": "rue route travaux barrée fermée déviation circulation bus trottoir stationnement chantier passer",
}
_DOMAIN_STEMS = {
    domain: frozenset(stem(word) for word in words(text)) for domain, text in DOMAIN_WORDS.items()
}
_OUTAGE = re.compile(
    r"\bplus (?:d'|de l'|de |du |aucun)|\bpas d'(?:eau|electricite)|\bsans (?:eau|electricite|lumiere|courant|gaz)"
    r"|\bpannes?\b|\bcoup(?:e|ee|es|ees|ure|ures)\b|\barret|\bbarree?s?\b|\bferm(?:e|ee|es|ees|eture)\b"
    r"|\bprobleme|\binterrompu|\bmanque\b|\bretabli|\bincident|\bpression\b|\b(?:marche|fonctionne) (?:pas|plus)\b"
    r"|\bfuites?\b|\btravaux\b|\bdeviations?\b|\brevien(?:t|dra)\b|\bretour\b"
)
_NO_MEANING = frozenset(stem(word) for word in words("rue avenue place quai chemin impasse route"))


def asks_about_outage(question: str) -> bool:
    """True when the words are those of people who notice that something fails, or ask until when."""
    return bool(_OUTAGE.search(" ".join(fold(question).split())))


def domains_of(question: str) -> frozenset[str]:
    """The domains whose everyday words the question uses."""
    found = {stem(word) for word in words(question)}
    return frozenset(domain for domain, known in _DOMAIN_STEMS.items() if found & known)


def concern(
    question: str, notice: str, domain: str, *, same_street: bool, place: str = ""
) -> float:
    """How much an announcement answers a question, 0 (not at all) upwards.

    ``notice`` is its title and text, ``place`` the name of the street that the question names:
    its words tell where, not what, and count for nothing. An announcement for the same street
    needs one sign that the subject is the same; one for everybody needs the subject named.
    """
    about = set(terms(question)) - set(terms(place)) - _NO_MEANING
    shared = len(about & set(terms(notice)))
    same_domain = domain in domains_of(question)
    if same_street:
        if same_domain or shared or (not domains_of(question) and asks_about_outage(question)):
            return 2.0 + same_domain + 0.5 * shared
        return 0.0
    if same_domain and asks_about_outage(question):
        return 1.0 + 0.5 * shared
    return 0.0
