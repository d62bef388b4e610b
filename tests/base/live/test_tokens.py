from __future__ import annotations

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.base.live.tokens import BadToken, sign, verify

KEY = b"a key of at least thirty-two bytes!!"
NOW = 1_795_000_000.0


def test_a_token_of_another_library_is_read() -> None:
    claims = {"mercure": {"subscribe": ["/a"], "publish": ["*"]}, "exp": NOW + 10}
    read = verify(jwt.encode(claims, KEY, algorithm="HS256"), KEY, NOW)
    assert read.expires == NOW + 10
    assert read.subscribe is not None
    assert read.subscribe.match("/a")
    assert not read.subscribe.match("/b")
    assert read.publish is not None
    assert read.publish.match("/anything")


def test_our_token_is_read_by_another_library() -> None:
    claims = {"mercure": {"publish": ["/é"]}}
    assert jwt.decode(sign(claims, KEY), KEY, algorithms=["HS256"]) == claims


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a.b",
        "a.b.c",
        "é.b.c",
        sign({}, b"another key"),
        jwt.encode({}, None, algorithm="none"),
        jwt.encode({}, KEY * 2, algorithm="HS384"),
        jwt.encode({}, KEY, algorithm="HS256", headers={"crit": ["b64"]}),
        sign({"exp": NOW - 1}, KEY),
        sign({"exp": NOW}, KEY),
        sign({"exp": "tomorrow"}, KEY),
        sign({"exp": True}, KEY),
        sign({"nbf": NOW + 60}, KEY),
        sign({"mercure": "all"}, KEY),
        sign({"mercure": {"publish": "*"}}, KEY),
        sign({"mercure": {"publish": [1]}}, KEY),
        sign({"mercure": {"subscribe": ["/{a}{b}"]}}, KEY),
        sign({}, KEY) + "a" * 20_000,
    ],
)
def test_what_is_refused(token: str) -> None:
    with pytest.raises(BadToken):
        verify(token, KEY, NOW)


def test_expired_is_told_from_wrong() -> None:
    with pytest.raises(BadToken) as expired:
        verify(sign({"exp": NOW - 1}, KEY), KEY, NOW)
    with pytest.raises(BadToken) as wrong:
        verify(sign({"exp": NOW - 1}, b"another key"), KEY, NOW)
    assert (expired.value.expired, wrong.value.expired) == (True, False)


def test_a_token_may_say_nothing() -> None:
    read = verify(sign({}, KEY), KEY, NOW)
    assert (read.publish, read.subscribe, read.expires) == (None, None, None)


@given(st.text(max_size=80) | st.from_regex(r"\A[\w-]{0,20}\.[\w-]{0,20}\.[\w-]{0,20}\Z"))
def test_nothing_else_passes(token: str) -> None:
    with pytest.raises(BadToken):
        verify(token, KEY, NOW)


@given(st.integers(0, 200), st.integers(0, 255))
def test_one_changed_character_is_noticed(place: int, other: int) -> None:
    good = sign({"mercure": {"publish": ["*"]}, "exp": NOW + 60}, KEY)
    place %= len(good)
    bad = good[:place] + chr(other) + good[place + 1 :]
    if bad != good:
        with pytest.raises(BadToken):
            verify(bad, KEY, NOW)
