"""The English interface is complete, and both languages keep the rules of their typography."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation import templatize

SOURCE = Path(settings.PACKAGE)
CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}


def catalogue():
    messages = {}
    for path in SOURCE.rglob("locale/en/LC_MESSAGES/django.po"):
        with path.open("rb") as po:
            for message in read_po(po, locale="en"):
                key = message.id[0] if isinstance(message.id, tuple) else message.id
                if key:
                    messages[key] = message
    return messages


def texts_of_python(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", getattr(node.func, "attr", "")) in CALLS
            and node.args
        ):
            position = 1 if getattr(node.func, "id", "").startswith("pgettext") else 0
            argument = node.args[position]
            assert not isinstance(argument, ast.JoinedStr), (
                f"{path}:{node.lineno}: an f-string cannot be translated"
            )
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield argument.value


def texts_of_template(path, tmp_path):
    """What gettext itself extracts from the template, through Django's translation of it into Python-like text."""
    prepared = tmp_path / "template.py"
    prepared.write_text(templatize(path.read_text(), origin=str(path)))
    out = subprocess.run(
        ["xgettext", "-L", "Python", "--from-code=UTF-8", "--keyword=gettext_noop", "--keyword=ngettext_lazy:1,2",
         "--keyword=pgettext:1c,2", "--keyword=npgettext:1c,2,3", "--keyword=gettext", "-o", "-", str(prepared)],
        check=True, capture_output=True,
    ).stdout  # fmt: skip
    if not out:
        return
    import io

    for message in read_po(
        io.BytesIO(
            out.replace(b"CHARSET", b"UTF-8").replace(
                b"nplurals=INTEGER; plural=EXPRESSION;", b"nplurals=2; plural=n!=1;"
            )
        )
    ):
        if message.id:
            yield message.id[0] if isinstance(message.id, tuple) else message.id


def all_texts(tmp_path):
    found = {}
    for path in SOURCE.rglob("*.py"):
        if "migrations" not in path.parts:
            for text in texts_of_python(path):
                found.setdefault(text, path.relative_to(SOURCE))
    for path in SOURCE.rglob("templates/**/*.*"):
        if path.suffix in {".html", ".txt", ".xml", ".svg"}:
            for text in texts_of_template(path, tmp_path):
                found.setdefault(text, path.relative_to(SOURCE))
    return found


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    return all_texts(tmp_path_factory.mktemp("messages"))


def test_every_text_has_its_english(texts):
    known = catalogue()
    missing = {
        text: str(where)
        for text, where in texts.items()
        if text.strip() and (text not in known or not known[text].string or known[text].fuzzy)
    }
    assert missing == {}


def test_english_keeps_the_names_that_are_filled_in(texts):
    wrong = []
    for text, message in catalogue().items():
        translations = message.string if isinstance(message.string, tuple) else (message.string,)
        # A singular may leave the number out (« un point »), so plural forms share their names.
        known = set(
            re.findall(r"%\((\w+)\)", " ".join(message.id) if message.pluralizable else text)
        )
        for translation in translations:
            used = set(re.findall(r"%\((\w+)\)", translation))
            if used != known and not (message.pluralizable and used <= known):
                wrong.append(text)
    assert wrong == []


def test_french_punctuation_keeps_its_spaces(texts):
    """A no-break space before : and inside « », a narrow one before ; ? !, and the curved apostrophe."""
    wrong = [
        f"{where}: {text}"
        for text, where in texts.items()
        if re.search(r"(?<=\w) [;:?!»]|« |(?<=[a-zA-Zéà])'(?=\w)", text)
    ]
    assert wrong == []
