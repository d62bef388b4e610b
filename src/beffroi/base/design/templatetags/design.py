"""The design's template tags: `{% load design %}`. What each one shows is on the /design page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.forms.widgets import CheckboxInput, RadioSelect
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from beffroi.base.design import menus, themes, words
from beffroi.base.design.charts import Chart, describe, plot, table
from beffroi.base.design.maps import Map, place

register = template.Library()

SEVERITIES = {
    1: ("information", "info", _("information")),
    2: ("attention", "attention", _("à prévoir")),
    3: ("severe", "severe", _("important")),
    4: ("extreme", "extreme", _("danger")),
}
MESSAGE_ICONS = {
    "success": "check",
    "information": "info",
    "info": "info",
    "attention": "attention",
    "warning": "attention",
    "severe": "severe",
    "error": "severe",
}


def _language() -> str:
    return get_language() or "fr"


@register.simple_tag
def sprite(name: str) -> str:
    """The address of one drawing of the icon sprite."""
    return f"{static('design/icons.svg')}#{name}"


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A drawing beside words; with a label it stands alone and is spoken."""
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>',
            label,
            sprite(name),
        )
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}"></use></svg>',
        sprite(name),
    )


@register.simple_tag(takes_context=True)
def crest(context: template.Context) -> SafeString:
    """The authority's emblem: a drawing of the sprite; the belfry's bell by default."""
    authority = context.get("authority")
    return format_html(
        '<svg class="icon crest" aria-hidden="true" focusable="false"><use href="{}"></use></svg>',
        sprite(getattr(authority, "crest", "") or "crest"),
    )


@register.simple_tag
def severity(level: int, label: str = "") -> SafeString:
    """Word + icon + colour for a severity of 1 (information) to 4 (extreme)."""
    css, drawing, word = SEVERITIES[min(max(int(level or 1), 1), 4)]
    text = format_html("{} · {}", label, word) if label else format_html("{}", word)
    return format_html('<span class="severity {}">{} {}</span>', css, icon(drawing), text)


@register.simple_tag
def message_icon(level: str) -> SafeString:
    return icon(MESSAGE_ICONS.get(level, "info"))


@register.simple_tag
def theme_meta() -> SafeString:
    return SafeString('<meta name="color-scheme" content="light dark">')


@register.simple_tag(takes_context=True)
def dark_stylesheet(context: template.Context) -> SafeString:
    media = themes.DARK_MEDIA[themes.chosen(context.get("request"))]
    if media is None:
        return SafeString("")
    return format_html(
        '<link rel="stylesheet" href="{}" media="{}">', static("design/dark.css"), media
    )


@register.simple_tag(takes_context=True)
def brand_stylesheet(context: template.Context) -> SafeString:
    """The authority's own colours, when it has any."""
    authority = context.get("authority")
    if not (
        getattr(authority, "primary_colour", "") or getattr(authority, "primary_colour_dark", "")
    ):
        return SafeString("")
    return format_html('<link rel="stylesheet" href="{}">', reverse("design:brand"))


@register.inclusion_tag("design/_theme.html", takes_context=True)
def theme_choice(context: template.Context) -> dict[str, Any]:
    request = context.get("request")
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "theme": themes.chosen(request),
        "themes": themes.THEMES,
    }


@register.simple_tag(takes_context=True)
def menu(context: template.Context, surface: menus.Surface) -> list[menus.Link]:
    return menus.links(surface, context.get("request"))


@register.simple_tag
def crumb(url: str, text: str) -> SafeString:
    """One step of the trail; without an address it is the page itself."""
    if not url:
        return format_html('<li><span aria-current="page">{}</span></li>', text)
    return format_html('<li><a href="{}">{}</a></li>', url, text)


@register.inclusion_tag("design/cord.html")
def cord(steps: Iterable[Any], heading: str = "", level: int = 2) -> dict[str, Any]:
    """The cord: every chain, its knots done, now or next."""
    return {"steps": list(steps or ()), "heading": heading, "level": level}


@register.simple_tag
def field(bound: BoundField, **attributes: str) -> SafeString:
    """Label, hint, error and control of one form field, tied together for assistive technology."""
    widget = bound.field.widget
    if attributes:
        widget.attrs.update({name.replace("_", "-"): text for name, text in attributes.items()})
    context = {"field": bound, "checkbox": isinstance(widget, CheckboxInput)}
    return SafeString(render_to_string("design/field.html", context))


def _place(bound: BoundField) -> str:
    """The control that takes the focus; of a group of choices, the first one."""
    if isinstance(bound.field.widget, RadioSelect):  # and its child, the group of checkboxes
        return f"{bound.auto_id}_0"
    return bound.id_for_label or str(bound.auto_id)


@register.inclusion_tag("design/error_summary.html")
def error_summary(form: BaseForm) -> dict[str, Any]:
    """What has to be corrected, first on the page, with focus; each line leads to its field."""
    lines = [
        (_place(bound), bound.label, error)
        for bound in form.visible_fields()
        for error in bound.errors
    ]
    general = [error for bound in form.hidden_fields() for error in bound.errors]
    return {"lines": lines, "general": [*form.non_field_errors(), *general]}


@register.inclusion_tag("design/chart.html")
def chart(drawing: Chart) -> dict[str, Any]:
    """A chart as SVG, its title the answer, its table one key away."""
    language = _language()
    plots = [
        ("wide", plot(drawing, language)),
        ("narrow", plot(drawing, language, width=360, height=300)),
    ]
    return {
        "chart": drawing,
        "plots": plots,
        "table": table(drawing, language),
        "summary": drawing.summary or describe(drawing, language),
    }


@register.inclusion_tag("design/map.html")
def map(drawing: Map) -> dict[str, Any]:
    """A map drawn from local geometry, with its twin in words beside it."""
    return {"map": drawing, "plan": place(drawing)}


@register.simple_tag
def tone(level: int) -> str:
    """The class that gives a severity its colour; none for 0."""
    return SEVERITIES[level][0] if level in SEVERITIES else ""


@register.inclusion_tag("design/empty.html")
def empty(title: str, advice: str = "", url: str = "", action: str = "") -> dict[str, str]:
    """An empty place teaches the first step."""
    return {"title": title, "advice": advice, "url": url, "action": action}


@register.simple_tag
def when(moment: datetime | date | None, form: str = "moment") -> SafeString | str:
    """A date or moment as people say it, in the authority's zone: moment, date, time, short, brief."""
    if moment is None:
        return ""
    language, now = _language(), timezone.now()
    if not isinstance(moment, datetime):
        text = words.say_date(moment, language, today=timezone.localdate())
        return format_html('<time datetime="{}">{}</time>', moment.isoformat(), text)
    zone = timezone.get_current_timezone()
    local = moment.astimezone(zone)
    if form == "date":
        text = words.say_date(local.date(), language, today=now.astimezone(zone).date())
    elif form == "time":
        text = words.say_time(local, language)
    elif form == "short":
        text = f"{words.say_short_date(local.date(), language)}, {words.say_time(local, language)}"
    elif form == "brief":
        text = words.say_brief(moment, zone, language, now=now)
    else:
        text = words.say_moment(moment, zone, language, now=now)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), text)


@register.simple_tag
def period(start: datetime, end: datetime | None = None) -> str:
    """« mardi 24 novembre de 8 h à 14 h », in the authority's zone."""
    return words.say_period(
        start, end, timezone.get_current_timezone(), _language(), now=timezone.now()
    )


@register.simple_tag
def quantity(value: float | None, unit: str = "", decimals: int | None = None) -> str:
    """« 17,4 m³/h », with no-break spaces."""
    return words.say_quantity(
        None if value is None else float(value), str(unit), _language(), decimals
    )


@register.inclusion_tag("design/pagination.html", takes_context=True)
def pagination(context: template.Context, page: Any, parameter: str = "page") -> dict[str, Any]:
    """Previous, numbers, next; the other parameters of the address are kept."""
    request = context.get("request")

    def address(number: int) -> str:
        query = request.GET.copy() if request is not None else None
        if query is None:
            return f"?{parameter}={number}"
        query[parameter] = str(number)
        return f"?{query.urlencode()}"

    numbers = [
        (number, address(number) if isinstance(number, int) else "")
        for number in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    ]
    return {
        "page": page,
        "numbers": numbers,
        "previous": address(page.previous_page_number()) if page.has_previous() else "",
        "following": address(page.next_page_number()) if page.has_next() else "",
    }


@register.simple_tag(takes_context=True)
def sort_link(
    context: template.Context, name: str, label: str, parameter: str = "tri"
) -> SafeString:
    """A column's heading that sorts by link, and says how the table is sorted."""
    request = context.get("request")
    current = request.GET.get(parameter, "") if request is not None else ""
    wanted = f"-{name}" if current == name else name
    query = request.GET.copy() if request is not None else None
    if query is None:
        address = f"?{parameter}={wanted}"
    else:
        query[parameter] = wanted
        query.pop("page", None)
        address = f"?{query.urlencode()}"
    if current not in (name, f"-{name}"):
        return format_html('<a class="sort" href="{}">{}</a>', address, label)
    falling = current.startswith("-")
    arrow = icon(
        "arrow-down" if falling else "arrow-up",
        gettext("tri décroissant") if falling else gettext("tri croissant"),
    )
    return format_html('<a class="sort" href="{}">{} {}</a>', address, label, arrow)
