"""In which language a question is written: enough to never answer a foreign one in French unasked."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from .analyser import STOP_WORDS, fold

UNKNOWN = ""

_SCRIPTS = {
    "ARABIC": "ar",
    "CYRILLIC": "ru",
    "HEBREW": "he",
    "GREEK": "el",
    "CJK": "zh",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
    "THAI": "th",
    "ARMENIAN": "hy",
    "GEORGIAN": "ka",
    "DEVANAGARI": "hi",
    "BENGALI": "bn",
    "TAMIL": "ta",
    "ETHIOPIC": "am",
}
_UKRAINIAN_LETTERS = frozenset("іїєґ")
_PERSIAN_LETTERS = frozenset("پچژگ")

_FUNCTION_WORDS = {
    "en": "the is are am do does did how what where when why who which can could should would i my me you your "
    "to of in on at for from with have has had need get want a an and or not it this that there please "
    "renew apply",
    "es": "el los las una como donde cuando cual quien puedo necesito quiero mi mis para por con del al es "
    "son hay que se yo usted hacer tengo esta favor renovar",
    "de": "der die das ist sind ich wie wo wann warum wer kann muss mein meine meinen einen ein eine und nicht "
    "mit fur von zu auf bitte brauche mochte haben bekomme",
    "it": "il lo gli una come dove quando perche chi posso devo mio mia voglio per con del della e sono che "
    "non ho questo bisogno rinnovare faccio",
    "pt": "o os as uma como onde quando porque quem posso preciso meu minha quero para por com do da e sao "
    "nao tenho isto fazer renovar eu",
    "tr": "ve bir bu nasil nerede ne zaman neden kim benim icin ile mi mu var yok istiyorum nereden",
    "ro": "este sunt cum unde cand cine pot trebuie meu mea pentru cu si nu am vreau un o din care",
    "pl": "jest jak gdzie kiedy dlaczego kto moge musze moj moja dla z i nie mam chce prosze sie",
    "nl": "de het een is zijn hoe waar wanneer waarom wie kan moet mijn voor met van en niet ik wil heb",
}
_FUNCTION_WORDS_OF = {code: frozenset(text.split()) for code, text in _FUNCTION_WORDS.items()}
_ALSO_FRENCH = "combien demande obtenir carte permis passeport mairie rue"
_FRENCH = STOP_WORDS | frozenset(_ALSO_FRENCH.split())
_WORD = re.compile(r"[^\W\d_]+")


def language_of(text: str) -> str:
    """ISO 639-1 code of the language, "fr" when in doubt, UNKNOWN for a text without a word.

    Other scripts are told by their letters; languages in Latin letters by their function words,
    and only when they clearly outnumber the French ones: a French question with a foreign word
    stays French.
    """
    by_script = _by_script(text)
    if by_script:
        return by_script
    found = _WORD.findall(fold(text))
    if not found:
        return UNKNOWN
    french = sum(word in _FRENCH for word in found)
    counts = {
        code: sum(word in known for word in found) for code, known in _FUNCTION_WORDS_OF.items()
    }
    code, most = max(counts.items(), key=lambda item: item[1])
    return code if most >= 2 and most > french + len(found) // 12 else "fr"


def _by_script(text: str) -> str:
    letters = [c for c in text if c.isalpha()]
    scripts = Counter(unicodedata.name(c, "").split(" ")[0] for c in letters)
    if not letters or scripts["LATIN"] * 2 >= len(letters):
        return ""
    script = next((s for s, _ in scripts.most_common() if s in _SCRIPTS), "")
    code = _SCRIPTS.get(script, "")
    lowered = set(text.lower())
    if code == "ru" and lowered & _UKRAINIAN_LETTERS:
        return "uk"
    if code == "ar" and lowered & _PERSIAN_LETTERS:
        return "fa"
    return code
