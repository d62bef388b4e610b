"""Light or dark: the reader's system decides, unless the reader chose; the choice is a cookie."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

COOKIE = "beffroi_theme"
AUTO = "auto"
THEMES = ((AUTO, _("Automatiques")), ("light", _("Claires")), ("dark", _("Sombres")))

#: When dark.css applies, as a media query; None when it is not linked at all.
DARK_MEDIA: dict[str, str | None] = {
    AUTO: "(prefers-color-scheme: dark)",
    "dark": "all",
    "light": None,
}


def chosen(request: HttpRequest | None) -> str:
    """The theme kept in the cookie; `auto` when there is none or when it is not one of ours."""
    theme = request.COOKIES.get(COOKIE, AUTO) if request is not None else AUTO
    return theme if theme in DARK_MEDIA else AUTO
