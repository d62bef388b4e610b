from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from beffroi.base.access.references import new_ref


class MailState(models.TextChoices):
    NOT_CONFIGURED = "not_configured", _("en attente d’un serveur de courriel")
    QUEUED = "queued", _("en file")
    SENT = "sent", _("remis au serveur")
    REFUSED = "refused", _("refusé par le serveur")
    FAILED = "failed", _("abandonné après plusieurs essais")
    WITHHELD = "withheld", _("retenu, faute de consentement")


class Mail(models.Model):
    """One message to one recipient, and what became of it."""

    ref = models.CharField(max_length=16, default=new_ref, unique=True, editable=False)
    authority = models.ForeignKey("authorities.Authority", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=60)
    #: What it is about, `label:pk[:…]`; with kind and recipient it allows one row only.
    about = models.CharField(max_length=120)
    recipient = models.EmailField(max_length=254, blank=True)
    recipient_hash = models.CharField(max_length=64)
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField(blank=True)
    language = models.CharField(max_length=5, default="fr")
    state = models.CharField(max_length=16, choices=MailState.choices)
    reason = models.CharField(max_length=300, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    consent = models.ForeignKey(
        "Consent", models.SET_NULL, null=True, blank=True, related_name="mails"
    )

    class Meta:
        verbose_name = _("courriel")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "about", "recipient_hash"],
                name="one_mail_a_kind_subject_and_recipient",
            )
        ]
        indexes = [
            models.Index(fields=["state", "created_at"], name="notify_mail_by_state"),
            models.Index(fields=["recipient_hash"], name="notify_mail_by_recipient"),
        ]


class Attachment(models.Model):
    mail = models.ForeignKey(Mail, models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=120)
    data = models.BinaryField()

    class Meta:
        verbose_name = _("pièce jointe")


class ConsentState(models.TextChoices):
    ASKED = "asked", _("demandé")
    GIVEN = "given", _("donné")
    WITHDRAWN = "withdrawn", _("retiré")


class Consent(models.Model):
    """One person's wish to receive one kind of mail about one thing (`scope`)."""

    ref = models.CharField(max_length=16, default=new_ref, unique=True, editable=False)
    authority = models.ForeignKey("authorities.Authority", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=60)
    scope = models.CharField(max_length=60, blank=True)
    #: What the scope is called in the mails and pages: « rue des Tanneurs ».
    title = models.CharField(max_length=200, blank=True)
    recipient = models.EmailField(max_length=254, blank=True)
    recipient_hash = models.CharField(max_length=64)
    language = models.CharField(max_length=5, default="fr")
    state = models.CharField(
        max_length=10, choices=ConsentState.choices, default=ConsentState.ASKED
    )
    asked_at = models.DateTimeField()
    times_asked = models.PositiveSmallIntegerField(default=0)
    given_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("abonnement")
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "kind", "scope", "recipient_hash"], name="one_consent_a_wish"
            ),
            models.CheckConstraint(
                condition=~Q(state="given") | Q(given_at__isnull=False),
                name="given_consent_is_dated",
            ),
        ]
        indexes = [models.Index(fields=["kind", "scope", "state"], name="notify_consent_by_scope")]


class Suppression(models.Model):
    """An address that must not receive what it can live without: it is dead, or its owner said no."""

    recipient_hash = models.CharField(max_length=64, unique=True)
    reason = models.CharField(max_length=300)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("adresse écartée")
