import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.base import design
from beffroi.base.design.contrast import ON_PRIMARY, PAPERS, contrast, lowest, mix, readable

STATIC = Path(design.__file__).parent / "static" / "design"
colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")

TEXTS = (
    "ink",
    "muted",
    "primary",
    "information",
    "attention",
    "severe",
    "extreme",
    "success",
    "brass",
)
SERIES = tuple(f"series-{number}" for number in range(1, 7))
TINTED = ("information", "attention", "severe", "extreme", "success")


def tokens(dark: bool) -> dict[str, str]:
    """The tokens of a theme with var() and color-mix() worked out."""
    sheets = (STATIC / "tokens.css").read_text() + (
        (STATIC / "dark.css").read_text() if dark else ""
    )
    found = dict(re.findall(r"--([\w-]+):\s*([^;]+);", sheets))

    def resolve(text: str) -> str:
        if match := re.fullmatch(r"var\(--([\w-]+)\)", text):
            return resolve(found[match[1]])
        pattern = r"color-mix\(in srgb, (var\([^)]*\)) (\d+)%, (var\([^)]*\))\)"
        if match := re.fullmatch(pattern, text):
            return mix(resolve(match[1]), resolve(match[3]), int(match[2]) / 100)
        return text

    return {name: resolve(text) for name, text in found.items()}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_pair_of_text_and_ground_is_readable(dark: bool) -> None:
    colour = tokens(dark)
    grounds = ("paper", "field", "sunk", "primary-tint")
    pairs = [(text, ground) for text in (*TEXTS, *SERIES) for ground in grounds]
    pairs += [("ink", f"{name}-tint") for name in TINTED]
    pairs += [(name, f"{name}-tint") for name in TINTED]
    pairs += [("muted", f"{name}-tint") for name in TINTED]
    pairs += [("on-primary", "primary"), ("paper", "ink"), ("muted", "normal-band")]
    poor = {
        pair: round(ratio, 2)
        for pair in pairs
        if (ratio := contrast(colour[pair[0]], colour[pair[1]])) < 4.5
    }
    assert poor == {}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_borders_of_controls_are_seen(dark: bool) -> None:
    colour = tokens(dark)
    for ground in ("paper", "field", "sunk"):
        assert contrast(colour["edge"], colour[ground]) >= 3


def test_dark_gives_every_colour_its_value_on_slate() -> None:
    light, dark = tokens(False), tokens(True)
    shared = {"brand-light", "brand-dark"}
    coloured = {name for name, text in light.items() if text.startswith("#")} - shared
    assert [name for name in sorted(coloured) if light[name] == dark[name]] == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_papers_of_the_rule_are_those_of_the_sheets(dark: bool) -> None:
    colour = tokens(dark)
    assert PAPERS[dark] == (colour["paper"], colour["field"], colour["sunk"])
    assert ON_PRIMARY[dark] == colour["on-primary"]


def test_an_authoritys_colour_is_refused_when_it_cannot_be_read() -> None:
    assert readable("#0A655C")
    assert not readable("#7fb8b0")
    assert readable("#5CC9BA", dark=True)
    assert not readable("#0A655C", dark=True)
    with pytest.raises(ValueError, match="rrggbb"):
        readable("verdigris")


def test_known_ratios() -> None:
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@given(colours, colours)
def test_contrast_is_symmetric_and_bounded(one: str, other: str) -> None:
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21


@given(colours)
def test_no_colour_is_readable_as_primary_in_both_themes(colour: str) -> None:
    # The reason why an authority gives two.
    assert not (lowest(colour) >= 4.5 and lowest(colour, dark=True) >= 4.5)
