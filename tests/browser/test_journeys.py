"""What residents come for, done twice: by keyboard alone, and without JavaScript.

In each, what a screen reader says at the deciding steps: role, name, state, in that order.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .walking import Site, focused, follow, says, tab_to

BOOKED = re.compile(r"/rendez-vous/r/[A-Z0-9]+/")


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(text)


# ---- by keyboard alone ------------------------------------------------------------------------


def test_the_first_tab_leads_to_the_content(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    assert focused(page) == "Aller au contenu"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert "Votre question" in focused(page)


def test_ask_from_the_first_page_by_keyboard(page: Page) -> None:
    page.goto("/")
    says(
        page,
        "banner",
        "link “Vernay-sur-Loire”",
        "main",
        "heading “Bonjour. Que cherchez-vous",
        "search “",
        "searchbox “Votre question, une adresse ou une démarche”",
        "button “Demander”",
        "heading “En ce moment près de chez vous”",
        "heading “Fuite d’eau rue des Tanneurs”",
        "contentinfo",
        "link “Accessibilité",
    )
    tab_to(page, "Votre question")
    page.keyboard.type("Pourquoi n’ai-je plus d’eau rue des Tanneurs ?")
    follow(page)
    heading(page, "Pourquoi n’ai-je plus d’eau rue des Tanneurs")
    assert "Fuite d’eau rue des Tanneurs" in page.locator("main").inner_text()


def test_book_an_appointment_by_keyboard(page: Page) -> None:
    page.goto("/")
    tab_to(page, "Prendre rendez-vous")
    follow(page)
    heading(page, "Pourquoi venez-vous")
    tab_to(page, "Passeport")
    follow(page)
    heading(page, "Passeport")
    tab_to(page, "Le premier disponible")
    follow(page)
    heading(page, "Quand venez-vous")
    tab_to(page, "novembre, 9 h")
    follow(page)
    heading(page, "Vos informations")
    says(
        page,
        "heading “Vos informations”",
        "textbox “Prénom",
        "textbox “Nom” (required)",
        "textbox “Courriel",
        "textbox “Téléphone",
        "button “Confirmer le rendez-vous”",
    )

    # Nothing given: the summary takes the focus, and each line leads to its field.
    tab_to(page, "Confirmer le rendez-vous")
    follow(page)
    expect(page.get_by_role("alert")).to_be_focused()
    says(page, "alert “", "link “Nom", "textbox “Nom” (invalid, required)")
    tab_to(page, "Nom")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Nom", exact=True)).to_be_focused()

    page.keyboard.type("Martin")
    tab_to(page, "Courriel")
    page.keyboard.type("jeanne@exemple.fr")
    tab_to(page, "Confirmer le rendez-vous")
    follow(page)
    heading(page, "Rendez-vous confirmé")
    assert BOOKED.search(page.url)


def test_register_for_a_workshop_by_keyboard(page: Page) -> None:
    page.goto("/")
    tab_to(page, "Agenda et ateliers")
    follow(page)
    tab_to(page, "Premiers pas en ligne")
    follow(page)
    heading(page, "Premiers pas en ligne")
    tab_to(page, "Nom")
    if "Prénom" in focused(page):
        page.keyboard.press("Tab")
    page.keyboard.type("Diallo")
    tab_to(page, "Courriel")
    page.keyboard.type("karim@exemple.fr")
    tab_to(page, "Réserver une place")
    follow(page)
    heading(page, "Une place vous est réservée")


def test_speak_to_an_agent_by_keyboard(page: Page) -> None:
    page.goto("/question/")
    tab_to(page, "Votre question")
    page.keyboard.type("Où trouver un abri pour mon hérisson ?")
    tab_to(page, "Envoyer")
    follow(page)
    heading(page, "Votre question")
    says(
        page,
        "heading “Votre question”",
        "log “Conversation” (live=polite)",
        "link “Parler à un agent”",
    )
    tab_to(page, "Parler à un agent")
    follow(page)
    heading(page, "Parler à un agent")
    tab_to(page, "Demander un agent")
    follow(page)
    expect(page.get_by_role("log")).to_contain_text("chez les agents")


def test_find_the_notice_of_ones_street_by_keyboard(page: Page) -> None:
    page.goto("/annonces/")
    tab_to(page, "Fuite d’eau rue des Tanneurs")
    follow(page)
    heading(page, "Fuite d’eau rue des Tanneurs")
    says(
        page, "heading “Fuite d’eau rue des Tanneurs”", "heading “Pourquoi cette annonce”", "list “"
    )


def test_change_language_and_colours_by_keyboard(page: Page) -> None:
    page.goto("/mentions-legales/")
    tab_to(page, "English")
    follow(page)
    heading(page, "Legal notice")
    tab_to(page, "Dark")
    follow(page)
    ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert ground == "rgb(18, 24, 31)"
    says(page, "button “Automatic”", "button “Light”", "button “Dark” (pressed)")


def test_the_menu_of_a_phone_by_keyboard(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/")
    tab_to(page, "Menu")
    says(page, "button “Menu”")
    page.keyboard.press("Enter")
    says(page, "button “Menu” (expanded)", "link “Annonces”")
    tab_to(page, "Annonces")
    follow(page)
    heading(page, "Annonces")
    tab_to(page, "Menu")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Ateliers")).to_have_count(0)


def test_the_desk_by_j_k_and_enter(page: Page, site: Site) -> None:
    site.sign_in(page.context, "head")
    page.goto("/bureau/?vue=tout")
    lines = page.locator("[data-keys] a")
    page.keyboard.press("j")
    expect(lines.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(lines.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(lines.nth(0)).to_be_focused()
    # Typing is not steering.
    page.get_by_label("Chercher dans la liste").focus()
    page.keyboard.type("jk")
    expect(page.get_by_label("Chercher dans la liste")).to_have_value("jk")
    page.get_by_role("button", name="Touches j et k").click()
    page.locator("body").press("j")
    expect(lines.nth(0)).not_to_be_focused()


# ---- without JavaScript -----------------------------------------------------------------------


def test_ask_without_javascript(without_javascript: Page) -> None:
    page = without_javascript
    page.goto("/")
    assert "Fuite d’eau rue des Tanneurs" in page.locator("main").inner_text()
    page.get_by_role("searchbox").fill("Pourquoi n’ai-je plus d’eau rue des Tanneurs ?")
    page.get_by_role("button", name="Demander").click()
    assert "Fuite d’eau rue des Tanneurs" in page.locator("main").inner_text()


def test_book_an_appointment_without_javascript(without_javascript: Page) -> None:
    page = without_javascript
    page.goto("/rendez-vous/")
    page.get_by_role("link", name="Passeport").click()
    page.get_by_role("link", name="Le premier disponible").click()
    page.locator(".slots button").nth(3).click()
    page.get_by_role("button", name="Confirmer le rendez-vous").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_label("Nom", exact=True).fill("Ndiaye")
    page.get_by_label("Téléphone").fill("06 12 34 56 78")
    page.get_by_role("button", name="Confirmer le rendez-vous").click()
    heading(page, "Rendez-vous confirmé")
    page.get_by_role("link", name="Annuler").click()
    page.get_by_role("button", name="Oui, annuler").click()
    heading(page, "annulé")


def test_register_for_a_workshop_without_javascript(without_javascript: Page) -> None:
    page = without_javascript
    page.goto("/ateliers/")
    page.get_by_role("link", name="Premiers pas en ligne").click()
    page.get_by_label("Nom", exact=True).fill("Roux")
    page.get_by_label("Téléphone").fill("06 12 34 56 79")
    page.get_by_role("button", name="Réserver une place").click()
    heading(page, "Une place vous est réservée")


def test_speak_to_an_agent_without_javascript(without_javascript: Page) -> None:
    page = without_javascript
    page.goto("/question/")
    page.get_by_role("textbox").fill("Où trouver un abri pour mon hérisson ?")
    page.get_by_role("button", name="Envoyer").click()
    page.get_by_role("link", name="Parler à un agent").click()
    page.get_by_role("button", name="Demander un agent").click()
    expect(page.get_by_role("log")).to_contain_text("chez les agents")


@pytest.mark.parametrize("address", ["/", "/annonces/", "/territoire/", "/ateliers/", "/design/"])
def test_a_page_is_whole_without_javascript(without_javascript: Page, address: str) -> None:
    page = without_javascript
    page.goto(address)
    # What only scripts can do does not show.
    scripted = page.locator("[data-map-tools], [data-live-state], [data-keys-toggle]")
    expect(scripted.locator("visible=true")).to_have_count(0)
    expect(page.get_by_role("main")).not_to_be_empty()


# ---- what is spoken ---------------------------------------------------------------------------


def test_a_group_says_its_question_and_its_choices_their_state(page: Page) -> None:
    page.goto("/design/")
    page.get_by_label("Par téléphone").first.check()
    says(
        page,
        "group “Comment préférez-vous être prévenu",
        "radio “Par courriel”",
        "radio “Par téléphone” (checked)",
    )


def test_charts_and_plans_have_a_twin_in_words(page: Page) -> None:
    page.goto("/design/")
    says(
        page,
        "image “La nuit dernière, 9 m³/h de plus",
        "DisclosureTriangle “Voir le tableau des valeurs”",
        "image “Plan",
        "list “Annonces en cours”",
        "link “Coupure d’eau rue des Tanneurs”",
    )


def test_the_cord_says_what_is_done_now_and_next(page: Page) -> None:
    page.goto("/design/")
    words = page.locator(".cord").first.inner_text()
    assert [state in words for state in ("(fait)", "(en cours)", "(à venir)")] == [True, True, True]
