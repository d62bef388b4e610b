"""The answers that `live` gives in its own name: refusals, and the page shown while web restarts."""

from __future__ import annotations

import base64
import hashlib
import json
from http import HTTPStatus

from beffroi.base.live.heads import RequestHead

_STYLE = (
    ":root{color-scheme:light dark}"
    "body{margin:0 auto;max-width:38rem;padding:2rem 1rem;font:1.125rem/1.5 system-ui,sans-serif;"
    "background:#FBFAF7;color:#1E2933}"
    "h1{font-size:1.5rem;line-height:1.25}section+section{margin-top:2rem;border-top:1px solid #55606B}"
    "a{color:#0A655C}a:focus-visible{outline:3px solid;outline-offset:2px}"
    "@media(prefers-color-scheme:dark){body{background:#12181F;color:#E9EDF0}a{color:#5CC9BA}}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

_PAGE = """<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title_fr} – {title_en}</title>
<style>{style}</style>
</head>
<body>
<main>
<section>
<h1>{title_fr}</h1>
{text_fr}
<p><a href="">Essayer à nouveau</a></p>
</section>
<section lang="en">
<h2>{title_en}</h2>
{text_en}
<p><a href="">Try again</a></p>
</section>
</main>
</body>
</html>
"""

_TEXTS = {
    502: (
        "Le service redémarre",
        "<p>Il revient en général en moins d’une minute.</p>"
        "<p>Si vous veniez d’envoyer un formulaire, vérifiez avant de recommencer qu’il n’a pas été reçu.</p>",
        "The service is restarting",
        "<p>It is usually back within a minute.</p>"
        "<p>If you had just sent a form, check that it was not received before you send it again.</p>",
    ),
    504: (
        "La réponse tarde trop",
        "<p>Le service n’a pas répondu à temps.</p>"
        "<p>Si vous veniez d’envoyer un formulaire, vérifiez avant de recommencer qu’il n’a pas été reçu.</p>",
        "The answer takes too long",
        "<p>The service did not answer in time.</p>"
        "<p>If you had just sent a form, check that it was not received before you send it again.</p>",
    ),
}
_RETRY_AFTER = {502: 3, 503: 5, 504: 10}


def answer(
    status: int,
    body: bytes,
    content_type: str,
    *,
    keep_alive: bool = False,
    with_body: bool = True,
    headers: tuple[tuple[str, str], ...] = (),
) -> bytes:
    """A complete HTTP/1.1 answer."""
    lines = [
        f"HTTP/1.1 {status} {_phrase(status)}",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        *(f"{name}: {value}" for name, value in headers),
    ]
    if not keep_alive:
        lines.append("Connection: close")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body if with_body else b"")


def refusal(status: int, reason: str, retry_after: int = 0, allow: str = "") -> bytes:
    """A short refusal for a head that no page can be shown for; the connection closes after it."""
    headers = [("Retry-After", str(retry_after))] if retry_after else []
    if allow:
        headers.append(("Allow", allow))
    if status == 401:
        headers.append(("WWW-Authenticate", "Bearer"))
    text = f"{status} {_phrase(status)}: {reason}\n".encode()
    return answer(status, text, "text/plain; charset=utf-8", headers=tuple(headers))


def unavailable(status: int, head: RequestHead) -> bytes:
    """502 or 504: a page in French and English for people, problem+json for programs."""
    with_body = head.method != b"HEAD"
    headers: tuple[tuple[str, str], ...] = (("Retry-After", str(_RETRY_AFTER[status])),)
    if b"text/html" not in (head.get(b"accept") or b""):
        title = _TEXTS[status][2]
        body = json.dumps({"type": "about:blank", "title": title, "status": status}).encode()
        return answer(
            status, body, "application/problem+json", with_body=with_body, headers=headers
        )
    title_fr, text_fr, title_en, text_en = _TEXTS[status]
    page = _PAGE.format(
        style=_STYLE, title_fr=title_fr, text_fr=text_fr, title_en=title_en, text_en=text_en
    )
    policy = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'"
    return answer(
        status,
        page.encode(),
        "text/html; charset=utf-8",
        with_body=with_body,
        headers=(*headers, ("Content-Security-Policy", policy)),
    )


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase
