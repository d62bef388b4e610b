"""A visitor without JavaScript: follows links, fills in forms, keeps cookies, as a browser does."""

from __future__ import annotations

import http.client
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit


@dataclass
class Form:
    """A form of a page: its fields as they would be sent untouched."""

    action: str
    method: str
    values: list[tuple[str, str]] = field(default_factory=list)
    choices: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)


@dataclass
class Page:
    """What the visitor sees."""

    status: int
    url: str
    headers: dict[str, str]
    html: str
    forms: list[Form]
    links: list[tuple[str, str]]
    topics: list[str]

    @property
    def text(self) -> str:
        """The words of the page, without markup, spaces made plain."""
        bare = re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", self.html, flags=re.S)
        return plain(bare)

    def form(self, action: str = "", field: str = "") -> Form:
        """The first form whose action contains `action` and that has the field. Raises LookupError."""
        for form in self.forms:
            if action in form.action and (not field or field in form.names):
                return form
        raise LookupError(f"{self.url} ({self.status}): no form {action} {field}")

    def link(self, pattern: str) -> str:
        """The first address that matches. Raises LookupError."""
        for address, _words in self.links:
            if re.search(pattern, address):
                return address
        raise LookupError(f"{self.url} ({self.status}): no link {pattern}")

    def link_named(self, words: str) -> str:
        """The first address whose words contain these. Raises LookupError."""
        for address, named in self.links:
            if plain(words) in plain(named):
                return address
        raise LookupError(f"{self.url} ({self.status}): no link named {words}")


def plain(text: str) -> str:
    """Spaces of any kind as one space: typography must not hide a word from a check."""
    unescaped = text.replace("&#x27;", "'").replace("&quot;", '"').replace("&amp;", "&")
    return " ".join(unescaped.replace("&nbsp;", " ").split())


class Visitor:
    """One browser."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._cookies: dict[str, tuple[str, str]] = {}
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def cookie(self, path: str) -> str:
        """The Cookie header for an address."""
        return "; ".join(
            f"{name}={value}"
            for name, (value, where) in self._cookies.items()
            if path.startswith(where)
        )

    def get(self, url: str) -> Page:
        return self._go("GET", url, None)

    def submit(self, page: Page, form: Form, **changes: str) -> Page:
        """Send a form with some of its fields changed, and follow where it leads."""
        values = [(name, value) for name, value in form.values if name not in changes]
        values += list(changes.items())
        address = urljoin(page.url, form.action or page.url)
        if form.method == "get":
            return self.get(f"{address.split('?')[0]}?{urlencode(values)}")
        return self._go("POST", address, urlencode(values).encode())

    def sign_in(self, email: str, password: str) -> Page:
        """By the real form. Raises LookupError when the page is not there."""
        page = self.get("/connexion/")
        form = page.form(field="password")
        name = "username" if "username" in form.names else "email"
        return self.submit(page, form, **{name: email, "password": password})

    def _go(self, method: str, url: str, body: bytes | None) -> Page:
        for _hop in range(6):
            parts = urlsplit(url)
            path = f"{parts.path}?{parts.query}" if parts.query else parts.path
            page = self._ask(method, path, body)
            if page.status not in (301, 302, 303, 307, 308):
                return page
            url = urljoin(path, page.headers["location"])
            method, body = "GET", None
        raise LookupError(f"{url}: too many redirections")

    def _ask(self, method: str, path: str, body: bytes | None) -> Page:
        headers = {"Cookie": self.cookie(path), "Accept-Language": "fr"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
        except (http.client.HTTPException, OSError):
            if method != "GET":
                raise
            # A kept connection may have been closed by the other side: asked once more.
            self._connection.close()
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
        for line in response.headers.get_all("Set-Cookie") or []:
            self._keep(line)
        html = response.read().decode("utf-8", "replace")
        reader = _Reader()
        reader.feed(html)
        known = {name.lower(): value for name, value in response.headers.items()}
        return Page(response.status, path, known, html, reader.forms, reader.links, reader.topics)

    def _keep(self, line: str) -> None:
        first, *rest = line.split(";")
        name, _, value = first.strip().partition("=")
        facts = dict(part.strip().lower().partition("=")[::2] for part in rest)
        if facts.get("max-age") == "0" or value == '""':
            self._cookies.pop(name, None)
        else:
            path = next((p.strip()[5:] for p in rest if p.strip().lower().startswith("path=")), "/")
            self._cookies[name] = (value, path)


class _Reader(HTMLParser):
    """Forms, links and live topics of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[tuple[str, str]] = []
        self.topics: list[str] = []
        self._form: Form | None = None
        self._link: list[str] | None = None
        self._address = ""
        self._select = ""
        self._area: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        self.topics += facts.get("data-live-topic", "").split()
        if tag == "a" and facts.get("href"):
            self._link, self._address = [], facts["href"]
        elif tag == "form":
            self._form = Form(facts.get("action", ""), facts.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is not None and facts.get("name"):
            self._field(self._form, tag, facts, {name for name, _value in attrs})
        elif tag == "option" and self._form is not None and self._select:
            value = facts.get("value", "")
            self._form.choices.setdefault(self._select, []).append(value)
            if "selected" in facts:
                self._form.values.append((self._select, value))

    def _field(self, form: Form, tag: str, facts: dict[str, str], given: set[str]) -> None:
        name, value = facts["name"], facts.get("value", "")
        form.names.add(name)
        kind = facts.get("type", "text")
        if tag == "button" or kind == "submit":
            form.buttons.append((name, value))
        elif kind in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(value or "on")
            if "checked" in given:
                form.values.append((name, value or "on"))
        elif tag == "select":
            self._select = name
        elif tag == "textarea":
            self._area = []
            form.values.append((name, ""))
        else:
            form.values.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea" and self._area is not None and self._form is not None:
            name, _nothing = self._form.values[-1]
            self._form.values[-1] = (name, "".join(self._area).lstrip("\n"))
            self._area = None
        elif tag == "a" and self._link is not None:
            self.links.append((self._address, "".join(self._link)))
            self._link = None

    def handle_data(self, data: str) -> None:
        if self._link is not None:
            self._link.append(data)
        if self._area is not None:
            self._area.append(data)
