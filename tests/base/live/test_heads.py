from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.base.live.heads import BadHead, check_partial, parse

#: Each head that must not pass, with the status it is refused by.
HOSTILE = {
    "length and chunked": (b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding:chunked\r\n\r\n", 400),
    "two lengths": (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n", 400),
    "two equal lengths": (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\n", 400),
    "length with sign": (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +4\r\n\r\n", 400),
    "length list": (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4, 4\r\n\r\n", 400),
    "length in hexadecimal": (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x4\r\n\r\n", 400),
    "endless length": (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
    "chunked": (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
    "unknown encoding": (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
    "encoding in disguise": (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 400),
    "bare line feed": (b"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400),
    "bare carriage return": (b"GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", 400),
    "absolute target": (b"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "asterisk": (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "fragment": (b"GET /#a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "space in target": (b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "raw accent in target": ("GET /é HTTP/1.1\r\nHost: a\r\n\r\n".encode(), 400),
    "folded header": (b"GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n", 400),
    "space before colon": (b"GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n", 400),
    "header without colon": (b"GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400),
    "header without name": (b"GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", 400),
    "zero byte": (b"GET / HTTP/1.1\r\nHost: a\r\nX: b\x00c\r\n\r\n", 400),
    "no host": (b"GET / HTTP/1.1\r\nX: b\r\n\r\n", 400),
    "two hosts": (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    "empty host": (b"GET / HTTP/1.1\r\nHost: \r\n\r\n", 400),
    "host with path": (b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
    "host with user": (b"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400),
    "http 2": (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    "http 1.2": (b"GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505),
    "http 0.9": (b"GET /\r\n\r\n", 400),
    "preface of http 2": (b"PRI * HTTP/2.0\r\n\r\n", 505),
    "connect": (b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 405),
    "trace": (b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405),
    "unknown method": (b"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
    "method in lower case": (b"get / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
    "two spaces": (b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "tab": (b"GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "unknown expectation": (b"POST / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", 417),
    "too many headers": (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: b\r\n" * 100 + b"\r\n", 431),
    "long target": (b"GET /" + b"a" * 8192 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    "TLS on the plain port": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_head_is_refused(name: str) -> None:
    head, status = HOSTILE[name]
    with pytest.raises(BadHead) as refusal:
        parse(head)
    assert refusal.value.status == status


@pytest.mark.parametrize(
    ("head", "length", "keep_alive"),
    [
        (b"GET /a?b=c HTTP/1.1\r\nHost: ville.example:8000\r\n\r\n", 0, True),
        (
            b"POST / HTTP/1.1\r\nhost: [::1]:8000\r\nContent-Length:  12 \r\nConnection: close\r\n\r\n",
            12,
            False,
        ),
        (b"GET / HTTP/1.0\r\n\r\n", 0, False),
        (b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", 0, True),
        (b"PROPFIND /agenda/ HTTP/1.1\r\nHost: a\r\nDepth: 1\r\nX-Empty:\r\n\r\n", 0, True),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: déjà\r\n\r\n".encode(), 0, True),
    ],
)
def test_a_good_head_passes(head: bytes, length: int, keep_alive: bool) -> None:
    parsed = parse(head)
    assert (parsed.content_length, parsed.keep_alive) == (length, keep_alive)


def test_parts_of_a_head() -> None:
    head = parse(
        b"POST /a/b?c=d&e HTTP/1.1\r\nHost: a\r\nCookie: one\r\nCookie: two\r\n"
        b"Content-Length: 3\r\nExpect: 100-Continue\r\n\r\n"
    )
    assert (head.method, head.path, head.query) == (b"POST", b"/a/b", b"c=d&e")
    assert head.all(b"cookie") == [b"one", b"two"]
    assert head.get(b"cookie") == b"one"
    assert head.get(b"missing") is None
    assert head.expects_continue


def test_a_partial_head_is_refused_as_soon_as_it_cannot_be_saved() -> None:
    check_partial(b"GET / HTTP/1.1\r\nHost: a")
    with pytest.raises(BadHead):
        check_partial(b"GET / HTTP/1.1\nHost: a")


PIECES = [
    b"GET", b"POST", b" ", b"/", b"/a", b"HTTP/1.1", b"HTTP/1.0", b"\r\n", b"\n", b"\r", b":", b"Host", b": a",
    b"Content-Length", b": 5", b"Transfer-Encoding", b": chunked", b"\x00", b"\xff", b"\t", b"Expect: 100-continue",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=4), max_size=30).map(b"".join))
def test_whatever_comes_is_parsed_or_refused(block: bytes) -> None:
    refusal = None
    try:
        head = parse(block + b"\r\n\r\n")
    except BadHead as error:
        refusal = error
    if refusal is not None:
        assert 400 <= refusal.status < 600
    else:
        assert head.target.startswith(b"/")
        assert head.content_length >= 0


NAMES = st.from_regex(r"\A[A-Za-z][A-Za-z0-9-]{0,12}\Z").filter(
    lambda name: (
        name.lower() not in {"host", "content-length", "transfer-encoding", "expect", "connection"}
    )
)
VALUES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=20)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=20), st.integers(0, 10**12))
def test_good_headers_survive_unchanged(headers: list[tuple[str, str]], length: int) -> None:
    lines = [b"POST /a HTTP/1.1", b"Host: a", b"Content-Length: %d" % length]
    lines += [f"{name}: {value}".encode() for name, value in headers]
    head = parse(b"\r\n".join(lines) + b"\r\n\r\n")
    assert head.content_length == length
    assert head.headers[2:] == [(name.lower().encode(), value.encode()) for name, value in headers]
