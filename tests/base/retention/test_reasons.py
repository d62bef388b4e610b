"""Why each kind of data is kept is said in both languages."""

from __future__ import annotations

from django.utils import translation

from beffroi.base.retention.public import all_rules


def reasons(language: str) -> dict[str, str]:
    with translation.override(language):
        return {rule.kind: rule.reason for rule in all_rules()}


def test_every_reason_is_said_in_both_languages():
    french, english = reasons("fr"), reasons("en")
    assert [kind for kind in french if french[kind] == english[kind]] == []
