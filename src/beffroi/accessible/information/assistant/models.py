"""Articles that may be cited, conversations with residents, and their relay to an agent."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from beffroi.base.access.references import new_ref
from beffroi.base.authorities.models import Authority, Service
from beffroi.base.people.models import Account, Person


class Article(models.Model):
    """A text that the assistant may cite, as its source published it."""

    class Source(models.TextChoices):
        SERVICE_PUBLIC = "service-public", _("service-public.fr")
        AUTHORITY = "authority", _("collectivité")

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="articles")
    source = models.CharField(_("source"), max_length=20, choices=Source.choices)
    external_id = models.CharField(_("identifiant"), max_length=200)
    title = models.CharField(_("titre"), max_length=500, blank=True)
    url = models.URLField(_("adresse"), max_length=500, blank=True)
    theme = models.JSONField(_("thème"), default=list)
    language = models.CharField(_("langue"), max_length=3, default="fr")
    verified_on = models.DateField(_("vérifié le"), null=True, blank=True)
    valid_from = models.DateField(_("valable à partir du"), null=True, blank=True)
    valid_until = models.DateField(_("valable jusqu’au"), null=True, blank=True)
    snapshot = models.CharField(_("état du texte"), max_length=20, blank=True)
    sections = models.JSONField(_("sections"), default=list)
    fingerprint = models.CharField(max_length=64, editable=False)
    imported_at = models.DateTimeField(_("importé le"), auto_now=True)

    class Meta:
        verbose_name = _("fiche")
        verbose_name_plural = _("fiches")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "source", "external_id"], name="one_article_an_external_id"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_until__gte=models.F("valid_from")),
                name="article_validity",
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.external_id

    def is_valid(self, on: dt.date) -> bool:
        """Whether it may be answered on a day of the authority's calendar, both ends included."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_until is None or on <= self.valid_until
        )


class Passage(models.Model):
    """A part of an article short enough to be shown; its lines are verbatim."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="passages")
    position = models.PositiveIntegerField()
    heading = models.CharField(_("titre"), max_length=300, blank=True)
    text = models.TextField(_("texte"))

    class Meta:
        verbose_name = _("passage")
        verbose_name_plural = _("passages")
        ordering = ("article_id", "position")
        constraints = [
            models.UniqueConstraint(fields=["article", "position"], name="one_passage_a_position")
        ]


class Knowledge(models.Model):
    """Which state of an authority's articles is current: every process rebuilds when it grows."""

    authority = models.OneToOneField(Authority, models.CASCADE, related_name="knowledge")
    version = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("fonds de l’assistant")
        verbose_name_plural = _("fonds de l’assistant")


class Conversation(models.Model):
    """What a resident and the assistant, then an agent, say to each other."""

    class State(models.TextChoices):
        ASSISTANT = "assistant", _("assistant")
        WAITING = "waiting", _("attend un agent")
        AGENT = "agent", _("avec un agent")
        CLOSED = "closed", _("terminée")

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    authority = models.ForeignKey(Authority, models.CASCADE, related_name="+")
    person = models.ForeignKey(
        Person, models.CASCADE, null=True, blank=True, related_name="conversations"
    )
    state = models.CharField(
        _("état"), max_length=10, choices=State.choices, default=State.ASSISTANT
    )
    language = models.CharField(_("langue"), max_length=3, default="fr")
    created_at = models.DateTimeField(_("commencée le"), auto_now_add=True)
    last_at = models.DateTimeField(_("dernier message"), auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        ordering = ("-last_at", "-pk")

    @property
    def topic(self) -> str:
        return f"/conversations/{self.ref}"


class Turn(models.Model):
    """One message. Personal numbers are masked before the text arrives here."""

    class Author(models.TextChoices):
        RESIDENT = "resident", _("usager")
        ASSISTANT = "assistant", _("réponse automatique")
        AGENT = "agent", _("agent")
        NOTE = "note", _("note interne")

    class Feedback(models.TextChoices):
        USEFUL = "useful", _("utile")
        NOT_USEFUL = "not_useful", _("pas utile")

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="turns")
    author = models.CharField(_("auteur"), max_length=10, choices=Author.choices)
    account = models.ForeignKey(Account, models.SET_NULL, null=True, blank=True, related_name="+")
    text = models.TextField(_("texte"), blank=True)
    language = models.CharField(_("langue"), max_length=3, blank=True)
    kind = models.CharField(_("sorte de réponse"), max_length=20, blank=True)
    citations = models.JSONField(_("sources"), default=list)
    choices = models.JSONField(_("choix proposés"), default=list)
    probability = models.FloatField(_("probabilité"), null=True, blank=True)
    knowledge_version = models.PositiveBigIntegerField(null=True, blank=True)
    feedback = models.CharField(
        _("avis"), max_length=10, choices=Feedback.choices, blank=True, default=""
    )
    created_at = models.DateTimeField(_("date"), auto_now_add=True)

    class Meta:
        verbose_name = _("échange")
        verbose_name_plural = _("échanges")
        ordering = ("pk",)


class HandOver(models.Model):
    """A conversation that waits for an agent, or that one has taken. At most one is open at a time."""

    class State(models.TextChoices):
        WAITING = "waiting", _("à prendre")
        TAKEN = "taken", _("prise")
        CLOSED = "closed", _("terminée")

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="+")
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="hand_overs")
    service = models.ForeignKey(Service, models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(_("état"), max_length=10, choices=State.choices, default=State.WAITING)
    assigned = models.ForeignKey(Account, models.SET_NULL, null=True, blank=True, related_name="+")
    subject = models.CharField(_("objet"), max_length=200)
    name = models.CharField(_("nom"), max_length=150, blank=True)
    contact = models.CharField(_("téléphone ou courriel"), max_length=150, blank=True)
    created_at = models.DateTimeField(_("demandé le"), auto_now_add=True)
    taken_at = models.DateTimeField(_("pris le"), null=True, blank=True)
    closed_at = models.DateTimeField(_("terminé le"), null=True, blank=True)

    class Meta:
        verbose_name = _("relais")
        verbose_name_plural = _("relais")
        ordering = ("created_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"],
                condition=~Q(state="closed"),
                name="one_open_hand_over_a_conversation",
            ),
            models.CheckConstraint(
                condition=~Q(state="waiting") | Q(assigned__isnull=True),
                name="waiting_hand_over_has_no_agent",
            ),
        ]
        indexes = [models.Index(fields=["authority", "state", "created_at"])]
