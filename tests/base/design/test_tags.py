"""The tags through templates, as rooms use them."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from beffroi.base.design.maps import Layer, Map, Mark


def render(source: str, **context: object) -> str:
    return Template("{% load design i18n %}" + source).render(Context(context))


class Booking(forms.Form):
    name = forms.CharField(label="Nom", help_text="Comme sur la pièce d’identité")
    channel = forms.ChoiceField(
        label="Rappel", choices=[("mail", "Courriel"), ("sms", "SMS")], widget=forms.RadioSelect
    )
    agree = forms.BooleanField(label="J’accepte")


def test_a_field_is_tied_to_its_label_hint_and_error() -> None:
    good, bad = Booking(), Booking({})
    quiet = render("{% field form.name %}", form=good)
    assert '<label for="id_name">Nom</label>' in quiet
    assert 'aria-describedby="id_name_helptext"' in quiet
    assert "aria-invalid" not in quiet
    loud = render("{% field form.name %}", form=bad)
    assert 'aria-describedby="id_name_helptext id_name_error"' in loud
    assert 'aria-invalid="true"' in loud
    assert 'id="id_name_error"' in loud


def test_a_group_of_choices_is_a_fieldset_with_a_legend() -> None:
    html = render("{% field form.channel %}", form=Booking())
    assert html.startswith("<fieldset")
    assert "<legend>Rappel</legend>" in html


def test_the_error_summary_leads_to_each_field_and_takes_the_focus() -> None:
    form = Booking({"name": "Ada", "channel": "pigeon"})
    html = render("{% error_summary form %}", form=form)
    assert 'role="alert"' in html
    assert "autofocus" in html
    # The first radio button, since the group itself takes no focus.
    assert 'href="#id_channel_0"' in html
    assert 'href="#id_agree"' in html
    assert "id_name" not in html
    assert render("{% error_summary form %}", form=Booking()).strip() == ""


def test_what_a_resident_wrote_is_escaped_everywhere() -> None:
    evil = "<script>alert(1)</script>"
    steps = [{"state": "now", "title": evil, "detail": evil}]
    place = Map(evil, [Layer(evil, marks=[Mark(-0.5, 47.4, evil, detail=evil)])])
    html = render(
        "{% cord steps %}{% crumb '/x/' evil %}{% severity 3 evil %}{% empty evil evil %}{% map place %}",
        steps=steps,
        evil=evil,
        place=place,
    )
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_severity_is_word_icon_and_colour() -> None:
    html = render("{% severity 3 'Coupure d’eau' %}")
    assert "Coupure d’eau · important" in html
    assert "#severe" in html
    assert 'class="severity severe"' in html
    with translation.override("en"):
        assert "important" in render("{% severity 3 %}")


@pytest.mark.parametrize(
    ("level", "css"), [(0, "information"), (9, "extreme"), (None, "information")]
)
def test_a_severity_out_of_range_is_the_nearest(level: int | None, css: str) -> None:
    assert css in render("{% severity level %}", level=level)


def test_the_cord_says_each_state_in_words() -> None:
    steps = [
        SimpleNamespace(state="done", title="Mesures", url="/m/"),
        {"state": "now", "title": "Constat", "at": datetime(2026, 11, 24, 2, 12, tzinfo=UTC)},
        {"state": "next", "title": "Intervention"},
    ]
    html = render("{% cord steps 'Pourquoi' %}", steps=steps)
    assert "<h2>Pourquoi</h2>" in html
    assert '<a href="/m/">Mesures</a>' in html
    assert html.count("aria-current") == 1
    assert [word in html for word in ("(fait)", "(en cours)", "(à venir)")] == [True] * 3
    assert render("{% cord steps 'Pourquoi' %}", steps=[]).strip() == ""


def test_when_hangs_the_clock_in_the_zone_of_the_authority() -> None:
    moment = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    with timezone.override("Europe/Paris"):
        html = render("{% when moment 'short' %}", moment=moment)
        assert (
            html
            == '<time datetime="2026-10-25T02:30:00+01:00">25\u00a0oct., 2\u00a0h\u00a030</time>'
        )
    with timezone.override("Indian/Reunion"):
        assert "5\u00a0h\u00a030" in render("{% when moment 'time' %}", moment=moment)
    assert render("{% when moment %}", moment=None) == ""


def test_pagination_and_sorting_keep_the_rest_of_the_address() -> None:
    request = RequestFactory().get("/x/", {"q": "eau & gaz", "page": "7", "tri": "rue"})
    page = Paginator(range(200), 10).page(7)
    html = render("{% pagination page %}", request=request, page=page)
    assert "?q=eau+%26+gaz&amp;page=8" in html
    assert 'rel="prev"' in html
    assert 'aria-current="page"' in html
    link = render("{% sort_link 'rue' 'Rue' %}", request=request)
    assert "tri=-rue" in link
    assert "page=" not in link
    assert "tri croissant" in link
    assert render("{% pagination page %}", page=Paginator([1], 10).page(1)).strip() == ""


def test_an_icon_alone_is_spoken_and_beside_words_is_not() -> None:
    assert 'aria-hidden="true"' in render("{% icon 'water' %}")
    assert 'role="img" aria-label="Eau"' in render("{% icon 'water' 'Eau' %}")
