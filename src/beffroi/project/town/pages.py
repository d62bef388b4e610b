"""The authority's own pages, written by hand in `texts/`, read into records."""

from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files


@dataclass(frozen=True)
class Page:
    """One page, with the date on which somebody last checked that it is true."""

    slug: str
    language: str
    title: str
    theme: str
    asks: tuple[str, ...]
    body: str  # Markdown
    checked_on: date


def pages(today: date) -> tuple[Page, ...]:
    """All pages in French and the main ones in English, checked a few days before `today`."""
    return tuple(
        page
        for language in ("fr", "en")
        for page in _read(
            files(__package__).joinpath(f"texts/pages.{language}.md").read_text("utf-8"),
            language,
            today,
        )
    )


def _read(text: str, language: str, today: date) -> list[Page]:
    return [_page(section, language, today) for section in text.split("\n# ") if section.strip()]


def _page(section: str, language: str, today: date) -> Page:
    head, _, body = section.partition("\n\n")
    title, *lines = head.removeprefix("# ").splitlines()
    facts = dict(line.split(": ", 1) for line in lines)
    return Page(
        slug=facts["slug"],
        language=language,
        title=title.strip(),
        theme=facts["theme"],
        asks=tuple(ask.strip() for ask in facts["asks"].split("|")),
        # The words that people use, above the text: a page is found by the question it answers.
        body=_typography(f"## {facts['asks'].replace('|', '·')}\n\n{body.strip()}", language),
        checked_on=today - timedelta(days=int(facts["checked"])),
    )


def _typography(text: str, language: str) -> str:
    """No-break spaces before the French double signs, so that lines break well."""
    if language != "fr":
        return text
    for sign in ";?!":
        text = text.replace(f" {sign}", f"\u202f{sign}")
    return text.replace(" :", "\u00a0:").replace(" €", "\u00a0€").replace(" h ", "\u00a0h ")
