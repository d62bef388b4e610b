"""Street names as people type them: without accents, elisions, capitals or abbreviations."""

from __future__ import annotations

import re
import unicodedata

_ABBREVIATIONS = {
    "av": "avenue",
    "ave": "avenue",
    "bd": "boulevard",
    "bld": "boulevard",
    "boul": "boulevard",
    "ch": "chemin",
    "che": "chemin",
    "imp": "impasse",
    "pl": "place",
    "r": "rue",
    "rte": "route",
    "sq": "square",
    "all": "allee",
    "fg": "faubourg",
    "st": "saint",
    "ste": "sainte",
}
_JOINING = frozenset(["de", "du", "des", "la", "le", "les", "l", "d"])


def searchable(name: str) -> str:
    """The name reduced to lower-case unaccented words, abbreviations spelled out."""
    plain = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("Œ", "oe"))
    plain = "".join(c for c in plain if not unicodedata.combining(c)).lower()
    words = re.findall(r"[a-z0-9]+", plain)
    return " ".join(_ABBREVIATIONS.get(word, word) for word in words)


def significant(name: str) -> str:
    """The searchable name without its joining words: `rue tanneurs` for « rue des Tanneurs »."""
    return " ".join(word for word in searchable(name).split() if word not in _JOINING)


def named_inside(text: str, name: str) -> bool:
    """Whether a sentence names this street, word for word but for joining words."""
    return f" {significant(name)} " in f" {significant(text)} "
