"""From a French sentence to the terms it is searched by.

Lower case, ligatures and accents folded, elisions cut (« l’eau » → « eau »), stop words left
out, Snowball French stems. The same function reads articles and questions, so that both meet.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache

import snowballstemmer

_LIGATURES = str.maketrans(
    {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "’": "'", "ʼ": "'", "‘": "'"}
)
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*", re.UNICODE)
_ELISION = re.compile(r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|presqu|entr)'(?=\w)")
_ACRONYM_DOTS = re.compile(r"\b(?:[A-Za-z]\.){2,}")

_STOP_WORDS = """
    a ai aie aient aies ait alors as au aucun aucune aura aurai auraient aurais aurait aurez aurons
    auront aussi autre autres aux avaient avais avait avant avec avez aviez avions avoir avons ayant
    ayez ayons bien bonjour c ca car ce ceci cela celle celles celui ces cet cette ceux chaque ci
    comme comment d dans de depuis des dois doit doivent donc dont du elle elles en encore entre
    est et etaient etais etait etant etc ete etes etiez etions etre eu eue eut eux faire fais faisait
    faisant fait faites faudra faut font fut hors ici il ils j je jusqu l la le les leur leurs lors
    lorsqu lui m ma mais me meme memes merci mes moi moins mon n ne ni non nos notre nous on ont or ou
    par parce pas pendant peu peut peuvent peux plait plus plusieurs plutot pour pourquoi pourra
    pourrait pouvait pouvez pouvoir pouvons pu puis puisque puisqu puisse qu quand que quel quelle
    quelles quels qui quoi s sa sans se sera serai seraient serais serait serez serons seront ses si
    sien sienne soi soient sois soit sommes son sont sous souvent suis sur svp t ta tant te tel telle
    telles tels tes toi ton tous tout toute toutes tres trop tu un une va vais vas vers veut veux
    voici voila vont vos votre voudrais voulez vouloir voulu vous vu y
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())

_stemmer = snowballstemmer.stemmer("french")
_stemming = threading.Lock()  # the pure-Python Snowball stemmer keeps its word in the object


def fold(text: str) -> str:
    """Lower case, without accents, ligatures opened, one kind of apostrophe."""
    # Decomposing may bring new capitals (mathematical letters): they are lowered after it.
    lowered = unicodedata.normalize("NFKD", text.translate(_LIGATURES)).lower()
    decomposed = unicodedata.normalize("NFKD", lowered)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).translate(_LIGATURES)


def words(text: str) -> list[str]:
    """The folded words of a text in order, elisions cut, stop words kept."""
    dotted = _ACRONYM_DOTS.sub(lambda m: m.group().replace(".", ""), text)
    found: list[str] = []
    for word in _WORD.findall(fold(dotted)):
        bare = _ELISION.sub("", word)
        found.extend(part for part in bare.split("'") if part)
    return found


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The Snowball stem of a folded word; figures and acronyms stay as they are."""
    if len(word) < 4 or not word.isalpha():
        return word
    with _stemming:
        return fold(_stemmer.stemWord(word))


def terms(text: str) -> list[str]:
    """The searched terms of a text, in order, with repetitions.

    A text made of stop words only yields no term: nothing can be searched by it.
    """
    return [stem(word) for word in words(text) if word not in STOP_WORDS and _meaningful(word)]


def _meaningful(word: str) -> bool:
    return len(word) > 1 or word.isdigit() or word in _LETTERS_THAT_NAME


_LETTERS_THAT_NAME = frozenset("b")  # « permis B »; « livret A » is lost with the verb « a »
