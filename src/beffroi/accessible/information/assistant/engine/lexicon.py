"""The words people use and the words the administration uses for the same thing.

Two sources: a short list kept by hand, of everyday words (left) and official ones (right); and
acronyms read in the articles themselves, « allocation aux adultes handicapés (AAH) ».
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from .analyser import STOP_WORDS, stem, terms, words

EVERYDAY_WORDS = """
email e-mail mail courriel: courrier électronique
appartement appart maison studio: logement
proprio bailleur: propriétaire
louer loyer locataire: location bail
déménager déménagement: changement adresse
boulot job emploi: travail
patron chef entreprise: employeur
démissionner: démission
viré virer renvoyer: licenciement
licencier licencié: licenciement
salaire paye paie: rémunération
payé payer rémunéré: rémunération paiement
chômeur: chômage
vacances: congés
arrêt maladie: congé maladie
enceinte grossesse bébé: maternité naissance
nounou: assistante maternelle garde
crèche: garde jeune enfant
papiers: carte identité passeport
cni: carte identité
perdu perdre: perte
volé voler: vol
refaire renouveler: renouvellement
voiture auto moto scooter: véhicule
carte grise: certificat immatriculation
carte bleue cb: carte bancaire
carte crédit: carte bancaire
arnaque escroquerie: fraude
amende pv prune: contravention
impôt impôts: imposition
sécu: sécurité sociale
docteur toubib: médecin
mutuelle: complémentaire santé
marier marié noces: mariage
pacser pacsé: pacs
divorcer divorcé: divorce
séparer séparé: séparation
mort décédé décéder: décès
héritage hériter héritier: succession
enterrement: obsèques
fac université: étudiant enseignement supérieur
lycée collège école: scolarité
cantine: restauration scolaire
stage stagiaire: stage
gosse enfant: mineur
vieux âgé: personne âgée
handicap handicapé: handicap
voter vote: élection
procuration: procuration
plainte: porter plainte
avocat gratuit: aide juridictionnelle
logement social hlm: logement social
papi mamie grand-parent: grands-parents
étranger sans-papiers: titre séjour
naturalisation naturaliser: nationalité française
travaux construire agrandir véranda: permis construire déclaration préalable travaux
poubelle poubelles ordures: déchets collecte
encombrants: déchets collecte
eau robinet: eau potable
bruit tapage: nuisance sonore
aide argent: allocation
rsa: revenu solidarité active
apl: aide personnalisée logement
smic: salaire minimum
cdd cdi: contrat travail
retraite retraité: pension retraite
"""

_ACRONYM = re.compile(r"((?:[\w’'-]+ ){1,8})\(([A-Za-zÀ-ÿ]{2,8})\)")

Lexicon = dict[str, tuple[str, ...]]


def everyday_lexicon() -> Lexicon:
    """Stem of an everyday word → stems of the official words."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in EVERYDAY_WORDS.strip().splitlines():
        left, right = line.split(":")
        official = terms(right)
        for word in words(left):
            key = stem(word)
            found[key] += [term for term in official if term != key and term not in found[key]]
    return {key: tuple(values) for key, values in found.items()}


def acronym_lexicon(texts: Iterable[str]) -> Lexicon:
    """Acronyms and their long forms, both ways, read from « long form (ACRONYM) ».

    The initials must be those of the words before the bracket, joining words set aside; a
    long form read once only is kept too, since a title says it once.
    """
    found: dict[str, tuple[str, ...]] = {}
    for text in texts:
        for before, acronym in _ACRONYM.findall(text):
            letters = words(acronym)[0] if words(acronym) else ""
            full = [word for word in words(before) if word not in STOP_WORDS]
            long_form = full[-len(letters) :]
            if len(letters) > 1 and [word[0] for word in long_form] == list(letters):
                found.setdefault(stem(letters), tuple(stem(word) for word in long_form))
    return found
