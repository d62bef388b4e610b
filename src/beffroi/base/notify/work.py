"""What the agents' desk says about mails that do not leave."""

from __future__ import annotations

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from beffroi.base.access.public import Actor
from beffroi.base.desk.public import WorkItem

from .models import Mail, MailState


def waiting_mails(actor: Actor) -> list[WorkItem]:
    """One line when the mail server is missing, for who can have it configured."""
    if not actor.may("notify.log"):
        return []
    waiting = Mail.objects.filter(authority=actor.authority, state=MailState.NOT_CONFIGURED)
    latest = waiting.aggregate(latest=Max("created_at"))["latest"]
    if latest is None:
        return []
    count = waiting.count()
    return [
        WorkItem(
            kind=_("Courriels"),
            ref="notify",
            title=ngettext(
                "%(count)s courriel attend un serveur",
                "%(count)s courriels attendent un serveur",
                count,
            )
            % {"count": count},
            detail=_("Rien n’est perdu. Ils partiront dès qu’un serveur de courriel sera indiqué."),
            at=latest,
            url=f"{reverse('notify:log')}?etat={MailState.NOT_CONFIGURED}",
            mine=False,
            team=True,
            severity=2,
            service="",
        )
    ]
