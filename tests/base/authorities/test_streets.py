import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.base.authorities.public import find_streets, searchable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pourquoi n'ai-je plus d'eau rue des Tanneurs ?", ["rue des Tanneurs"]),
        ("RUE TANNEURS", ["rue des Tanneurs"]),
        ("r. de l eglise", ["rue de l’Église"]),
        ("tann", ["rue des Tanneurs"]),
        ("le quai Foch et la rue de l'Église", ["rue de l’Église", "quai Foch"]),
        ("rue de la Paix", []),
        ("", []),
        ("<script>", []),
    ],
)
def test_a_sentence_names_its_streets(town, text, expected):
    assert [street.name for street in find_streets(town.commune, text)] == expected


def test_streets_of_another_authority_are_not_found(town):
    assert find_streets(town.other, "rue des Tanneurs") == []


@given(st.text(max_size=80))
def test_a_searchable_name_is_stable(name):
    assert searchable(searchable(name)) == searchable(name)
