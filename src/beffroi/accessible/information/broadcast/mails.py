"""The e-mail that a street's subscribers receive."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beffroi.base.authorities.models import Street
from beffroi.base.design.words import say_moment
from beffroi.base.notify.public import absolute_url, declare_kind, subscriber_count

from .models import Notice, Severity

STREET_KIND = "broadcast.street"
declare_kind(STREET_KIND, gettext_lazy("Annonces de ma rue"), transactional=False)


@dataclass(frozen=True)
class MailText:
    subject: str
    text: str


def scope_of(street: Street) -> str:
    return f"street:{street.pk}"


def scopes_of(notice: Notice) -> list[str]:
    """The subscriptions concerned; a notice without a street concerns those of all streets."""
    chosen = list(notice.streets.all())
    streets = chosen or list(Street.objects.filter(authority=notice.authority_id))
    return [scope_of(street) for street in streets]


def audience(notice: Notice) -> int:
    """How many addresses a publication writes to, each counted once."""
    return subscriber_count(notice.authority, STREET_KIND, scopes_of(notice))


def letter_of(notice: Notice, occasion: str, language: str) -> MailText:
    """Subject and text in the reader's language; the notice's own words are the agent's."""
    zone = notice.authority.zone
    with translation.override(language):
        lines: list[str] = []
        if occasion == "ended":
            subject = _("Terminé : %(title)s") % {"title": notice.title}
            lines += [notice.ending, "", notice.title]
        else:
            word = str(Severity(notice.severity).label)
            subject = f"{word} : {notice.title}" if notice.severity > 1 else notice.title
            lines += [notice.body]
            names = ", ".join(street.name for street in notice.streets.all())
            if names:
                lines += ["", _("Rues : %(names)s") % {"names": names}]
            if notice.starts_at and not notice.has_begun():
                moment = say_moment(notice.starts_at, zone, language)
                lines.append(_("Début : %(moment)s") % {"moment": moment})
            if notice.expected_end:
                moment = say_moment(notice.expected_end, zone, language)
                lines.append(_("Fin estimée : %(moment)s") % {"moment": moment})
        url = absolute_url(notice.authority, "broadcast:notice", ref=notice.ref)
        lines += ["", _("La suite et le détail : %(url)s") % {"url": url}]
        if notice.authority.phone:
            lines.append(_("Une question ? %(phone)s") % {"phone": notice.authority.phone})
        lines += ["", notice.authority.name]
    return MailText(subject, "\n".join(lines) + "\n")
