"""The bench's visitor reads forms and keeps cookies as a browser does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from benchmarks._visitor import Visitor, plain

PAGE = """<h1>Votre&nbsp;nom</h1><script>var hidden = "secret"</script>
<section data-live-topic="/a /b"></section><a href="/next">Aller <b>plus</b> loin</a>
<form method="post" action="/send"><input type="hidden" name="token" value="t1">
<input name="name" value="Élise"><textarea name="note">
deux
lignes</textarea>
<input type="radio" name="day" value="1"><input type="radio" name="day" value="2" checked>
<input type="checkbox" name="agree" value="yes">
<select name="site"><option value="">-</option><option value="3" selected>Mairie</option></select>
<button name="slot" value="9h">9 h</button></form>"""


class Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    sent: dict[str, list[str]] = {}
    cookies: list[str] = []

    def do_GET(self) -> None:
        Site.cookies.append(f"{self.path} {self.headers.get('Cookie', '')}")
        self._answer(
            200,
            PAGE,
            [("Set-Cookie", "here=1; Path=/deep/; HttpOnly"), ("Set-Cookie", "all=2; Path=/")],
        )

    def do_POST(self) -> None:
        Site.sent = parse_qs(
            self.rfile.read(int(self.headers["Content-Length"])).decode(), keep_blank_values=True
        )
        self._answer(302, "", [("Location", "/after"), ("Set-Cookie", 'all=""; Max-Age=0; Path=/')])

    def _answer(self, status: int, text: str, headers: list[tuple[str, str]]) -> None:
        body = text.encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def test_a_form_is_sent_as_it_stands_but_for_what_is_filled_in(port: int) -> None:
    visitor = Visitor(port)
    page = visitor.get("/")
    after = visitor.submit(page, page.form(action="/send"), name="Awa", slot="9h")
    assert after.url == "/after"
    assert Site.sent == {
        "token": ["t1"], "name": ["Awa"], "note": ["deux\nlignes"], "day": ["2"], "site": ["3"], "slot": ["9h"],
    }  # fmt: skip


def test_what_is_seen_is_text_links_and_topics(port: int) -> None:
    page = Visitor(port).get("/")
    assert "Votre nom" in page.text
    assert "secret" not in page.text
    assert page.topics == ["/a", "/b"]
    assert page.link_named("plus loin") == "/next"
    assert page.form().choices == {"day": ["1", "2"], "agree": ["yes"], "site": ["", "3"]}
    with pytest.raises(LookupError):
        page.form(action="/elsewhere")
    with pytest.raises(LookupError):
        page.link("/elsewhere")


def test_cookies_go_where_they_belong_and_leave_when_told(port: int) -> None:
    visitor = Visitor(port)
    page = visitor.get("/")
    assert visitor.cookie("/deep/er") == "here=1; all=2"
    assert visitor.cookie("/") == "all=2"
    visitor.submit(page, page.form())
    assert "all" not in Site.cookies[-1]


def test_spaces_of_any_kind_are_one() -> None:
    assert plain("9\u202f%\u00a0: oui\n") == "9 % : oui"
