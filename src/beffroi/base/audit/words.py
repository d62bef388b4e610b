"""The journal in words: what each verb and each kind of object is called on the page."""

from __future__ import annotations

from django.apps import apps
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

VERBS = {
    "absence.created": _("absence ajoutée"),
    "absence.removed": _("absence retirée"),
    "account.password_chosen": _("mot de passe choisi"),
    "account.second_factor_off": _("double authentification arrêtée"),
    "account.second_factor_on": _("double authentification mise en place"),
    "agenda.imported": _("agenda importé"),
    "agenda.seen": _("agenda consulté"),
    "appointment.attended": _("venue à un rendez-vous notée"),
    "appointment.cancelled": _("rendez-vous annulé"),
    "appointment.confirmed": _("rendez-vous confirmé"),
    "appointment.extended": _("heure gardée plus longtemps"),
    "appointment.given_up": _("heure rendue"),
    "appointment.held": _("heure gardée"),
    "appointment.moved": _("rendez-vous déplacé"),
    "appointment.seen": _("dossier de rendez-vous consulté"),
    "articles.imported": _("fiches importées"),
    "authority.edited": _("collectivité modifiée"),
    "consent.given": _("abonnement confirmé"),
    "consent.withdrawn": _("abonnement arrêté"),
    "conversation.answered": _("réponse à une conversation"),
    "conversation.closed": _("conversation close"),
    "conversation.handed_over": _("conversation passée aux agents"),
    "conversation.noted": _("note interne à une conversation"),
    "conversation.read": _("conversation lue"),
    "conversation.taken": _("conversation prise en charge"),
    "conversation.transferred": _("conversation transférée"),
    "datastream.created": _("série ajoutée"),
    "datastream.published": _("série rendue publique"),
    "datastream.withdrawn": _("série réservée aux agents"),
    "grant.given": _("droits donnés"),
    "grant.revoked": _("droits retirés"),
    "import.asked": _("import demandé"),
    "import.cancel_asked": _("arrêt d’un import demandé"),
    "import.cancelled": _("import arrêté"),
    "import.done": _("import terminé"),
    "import.failed": _("import échoué"),
    "insight.dismissed": _("constat écarté"),
    "insight.ended": _("constat terminé"),
    "insight.opened": _("constat ouvert"),
    "insight.street_warned": _("annonce à la rue proposée"),
    "insight.taken": _("constat pris en charge"),
    "intervention.assigned": _("intervention confiée"),
    "intervention.closed": _("intervention close"),
    "intervention.created": _("intervention créée"),
    "intervention.finished": _("travail de l’intervention fait"),
    "intervention.reported": _("note à une intervention"),
    "intervention.started": _("équipe sur place"),
    "intervention.to_close": _("intervention à clore"),
    "journal.read": _("journal lu"),
    "notice.cancelled": _("annonce annulée"),
    "notice.edited": _("annonce modifiée avant publication"),
    "notice.ended": _("annonce terminée"),
    "notice.proposed": _("annonce proposée"),
    "notice.published": _("annonce publiée"),
    "notice.updated": _("annonce mise à jour"),
    "opening.changed": _("permanence modifiée"),
    "opening.created": _("permanence ajoutée"),
    "opening.ended": _("permanence terminée"),
    "opening.removed": _("permanence retirée"),
    "person.erased": _("données d’une personne effacées"),
    "person.exported": _("données d’une personne remises"),
    "reason.changed": _("motif de rendez-vous modifié"),
    "reason.created": _("motif de rendez-vous ajouté"),
    "reception_agent.created": _("agent d’accueil ajouté"),
    "registration.accepted": _("place d’atelier acceptée"),
    "registration.cancelled": _("inscription annulée"),
    "registration.created": _("inscription à un atelier"),
    "registration.lapsed": _("place proposée non prise"),
    "registration.presence": _("présence à un atelier notée"),
    "retention.chosen": _("durée de conservation choisie"),
    "rule.activated": _("règle mise en route"),
    "rule.drafted": _("brouillon de règle écrit"),
    "rule.edited": _("brouillon de règle modifié"),
    "rule.retired": _("règle arrêtée"),
    "screen.changed": _("écran modifié"),
    "screen.paired": _("écran relié"),
    "screen.removed": _("écran retiré"),
    "session.cancelled": _("séance annulée"),
    "session.changed": _("séance modifiée"),
    "session.created": _("séance ajoutée"),
    "session.seen": _("liste des inscrits consultée"),
    "thing.created": _("objet ajouté"),
    "thing.retired": _("objet retiré"),
    "thing.token_created": _("jeton d’appareil créé"),
    "workshop.changed": _("atelier modifié"),
    "workshop.decided": _("proposition d’atelier décidée"),
    "workshop.proposed": _("atelier proposé"),
}


def say_verb(verb: str) -> str:
    """« Annonce publiée »; the code itself when it has no words."""
    return capfirst(str(VERBS.get(verb, verb)))


def say_kind(kind: str) -> str:
    """The name of a kind (`app.model`) for people; the code itself when its model is gone."""
    try:
        return str(apps.get_model(kind)._meta.verbose_name)
    except (LookupError, ValueError):
        return kind
