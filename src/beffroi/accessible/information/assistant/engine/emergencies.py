"""Danger is recognised before anything is searched, and answered with a number at once."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .analyser import fold


@dataclass(frozen=True, slots=True)
class Emergency:
    """``kind`` names the danger, ``numbers`` are to be called, the best one first."""

    kind: str
    numbers: tuple[str, ...]


FIRE = Emergency("fire", ("18", "112"))
MEDICAL = Emergency("medical", ("15", "112"))
POLICE = Emergency("police", ("17", "112"))
PARTNER = Emergency("partner_violence", ("17", "3919"))
SUICIDE = Emergency("suicide", ("3114", "15"))
CHILD = Emergency("child", ("119", "17"))
DEAF = Emergency("deaf", ("114",))
GAS = Emergency("gas", ("18", "112"))

_RELATIVE = r"(?:mon|ma|mes|son|sa) (?:mari|femme|conjointe?|compagn(?:on|e)|copain|copine|ex|epou(?:x|se)|partenaire)"
_HURTS = (
    r"(?:me |m'|la |le |l')?(?:frapp|tap|bat(?:s|tu|tre)?\b|viol(?:e|ee|ent|ente|er)?\b|etrangl|"
    r"menac|agress|cogn|maltrait)"
)

# Asking how something works (a file, an allowance, a rule) is no emergency: « porter plainte pour
# violences », « allocation suicide », « assurance incendie ».
_ADMINISTRATIVE = re.compile(
    r"\b(?:assurance|attestation|allocation|permis|formulaire|certificat|detecteur|declaration de sinistre|"
    r"juge|tribunal|indemnisation|remboursement|formation|exercice|prevention|numero d'urgence|c'est quoi)\b"
)

_RULES: tuple[tuple[Emergency, re.Pattern[str]], ...] = tuple(
    (emergency, re.compile(pattern))
    for emergency, pattern in (
        (
            SUICIDE,
            r"\b(?:suicid\w*|me tuer|en finir avec la vie|envie de mourir|veux mourir|vais mourir de moi|"
            r"plus envie de vivre|mettre fin a mes jours|kill myself|want to die)\b",
        ),
        (
            CHILD,
            r"\benfants?\b.{0,40}\b(?:battus?|frappee?s?|maltraitee?s?|en danger|violee?s?)\b|"
            r"\b(?:frappe|bat|maltraite|viole)\b.{0,25}\b(?:enfants?|bebe|gamine?|fils|fille)\b",
        ),
        (PARTNER, rf"\b{_RELATIVE}\b.{{0,25}}\b{_HURTS}"),
        (
            PARTNER,
            r"\b(?:violences? conjugales?|femme battue|my husband (?:hits|beats)|my wife (?:hits|beats))\b",
        ),
        (
            FIRE,
            r"\b(?:incendie|au feu|en feu|prend feu|pris feu|ca brule|brule (?:chez|dans)|y a le feu|"
            r"un feu (?:chez|dans|de foret)|feu de (?:foret|maison|cuisine)|maison brule|there is a fire|on fire)\b",
        ),
        (
            GAS,
            r"\b(?:odeurs? de gaz|sen[st] le gaz|fuite de gaz|monoxyde|explosion|noyade|se noie|inondation monte)\b",
        ),
        (
            MEDICAL,
            r"\b(?:infarctus|crise cardiaque|arret cardiaque|avc|ne respire (?:plus|pas)|inconscient\w*|"
            r"s'etouffe|etouffe|hemorragie|saigne beaucoup|convulsions?|overdose|malaise|perdu connaissance|"
            r"accouche maintenant|douleur\w* (?:a|dans) la poitrine|mal a la poitrine|avale (?:un|du|des) "
            r"(?:produit|javel|medicaments?|pile)|heart attack|not breathing)\b",
        ),
        (
            POLICE,
            r"\b(?:on (?:me|m'|nous) ?(?:agresse|suit|vole|attaque|cambriole)|(?:est|sont) en train de (?:me |nous )?"
            r"(?:cambrioler|voler|frapper|agresser|se battre)|cambrioleurs? (?:chez|dans)|quelqu'un (?:force|entre)|"
            r"arme a feu|coups? de feu|fusillade|attentat|prise d'otages?|me menace|je suis en danger|a l'aide|"
            r"au secours|on m'a violee?|viole(?:e)? (?:hier|ce soir|maintenant))\b",
        ),
        (POLICE, r"\b(?:me|m'|nous|te|le|la) ?(?:frappe|agresse|poignarde|etrangle|sequestre)\b"),
    )
)


def emergency_in(text: str) -> Emergency | None:
    """The danger that a text tells of, None without one.

    Prefers a false alarm to a missed one, but for questions about papers and rights.
    """
    folded = " ".join(fold(text).split())
    if re.search(r"\b(?:sourde?s?|malentendante?s?|aphasique)\b.{0,40}\burgence", folded):
        return DEAF
    if _ADMINISTRATIVE.search(folded) and "maintenant" not in folded:
        return None
    return next((emergency for emergency, pattern in _RULES if pattern.search(folded)), None)
