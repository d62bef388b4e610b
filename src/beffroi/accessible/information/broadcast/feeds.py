"""The current notices in the shapes that other systems read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.http import HttpResponse
from django.utils.http import http_date as _http_date
from django.utils.translation import gettext as _

from beffroi.base.authorities.models import Authority, Street
from beffroi.base.design.words import say_moment
from beffroi.base.notify.public import absolute_url

from .engine.feeds import Entry, Feed, atom, json_feed
from .models import Notice, Severity

Build = Callable[[list[Notice], datetime], HttpResponse]


def http_date(moment: datetime) -> str:
    return _http_date(moment.timestamp())


def atom_of(
    authority: Authority,
    street: Street | None,
    notices: Sequence[Notice],
    changed: datetime,
    language: str,
) -> bytes:
    return atom(_feed(authority, street, notices, changed, language, "broadcast:atom"))


def json_of(
    authority: Authority,
    street: Street | None,
    notices: Sequence[Notice],
    changed: datetime,
    language: str,
) -> dict[str, object]:
    return json_feed(_feed(authority, street, notices, changed, language, "broadcast:json"))


def _feed(
    authority: Authority,
    street: Street | None,
    notices: Sequence[Notice],
    changed: datetime,
    language: str,
    view: str,
) -> Feed:
    query = f"?rue={street.slug}" if street else ""
    if street:
        title = _("Annonces de %(authority)s, %(street)s") % {
            "authority": authority.name,
            "street": street.name,
        }
    else:
        title = _("Annonces de %(authority)s") % {"authority": authority.name}
    return Feed(
        url=absolute_url(authority, view) + query,
        page_url=absolute_url(authority, "broadcast:notices") + query,
        title=title,
        author=authority.name,
        language=language,
        updated_at=changed,
        entries=[_entry(notice, language) for notice in notices],
    )


def _entry(notice: Notice, language: str) -> Entry:
    published = notice.published_at or notice.created_at
    return Entry(
        url=absolute_url(notice.authority, "broadcast:notice", ref=notice.ref),
        title=notice.title,
        text=text_of(notice, language),
        published_at=published.astimezone(notice.authority.zone),
        updated_at=notice.updated_at.astimezone(notice.authority.zone),
        categories=[
            (notice.domain, str(notice.get_domain_display())),
            (notice.cap_severity, str(Severity(notice.severity).label)),
        ],
        extra=fields_of(notice),
    )


def text_of(notice: Notice, language: str) -> str:
    """The notice as plain lines: body, streets, times in the authority's zone."""
    zone = notice.authority.zone
    lines = [notice.body]
    names = ", ".join(street.name for street in notice.streets.all())
    if names:
        lines.append(_("Rues : %(names)s") % {"names": names})
    if notice.starts_at:
        lines.append(
            _("Début : %(moment)s") % {"moment": say_moment(notice.starts_at, zone, language)}
        )
    if notice.expected_end:
        moment = say_moment(notice.expected_end, zone, language)
        lines.append(_("Fin estimée : %(moment)s") % {"moment": moment})
    return "\n".join(lines)


def fields_of(notice: Notice) -> dict[str, object]:
    """A notice for machines, with CAP 1.2 names and codes where CAP has one; times ISO, local offset."""
    zone = notice.authority.zone

    def local(moment: datetime | None) -> str | None:
        return None if moment is None else moment.astimezone(zone).isoformat(timespec="seconds")

    return {
        "identifier": notice.ref,
        "version": notice.version,
        "state": notice.shown_state,
        "headline": notice.title,
        "description": notice.body,
        "domain": notice.domain,
        "category": notice.cap_category,
        "severity": notice.cap_severity,
        "urgency": notice.urgency,
        "certainty": notice.certainty,
        "sent": local(notice.published_at),
        "onset": local(notice.starts_at),
        "expected_end": local(notice.expected_end),
        "expires": local(notice.ends_at),
        "ended": local(notice.ended_at),
        "ending": notice.ending if notice.shown_state == "ended" else None,
        "streets": [{"name": street.name, "slug": street.slug} for street in notice.streets.all()],
        "url": absolute_url(notice.authority, "broadcast:notice", ref=notice.ref),
    }
