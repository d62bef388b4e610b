"""Double opt-in, one-click unsubscribe (RFC 8058), suppression."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from tests.base.notify.conftest import Postmaster
from tests.conftest import World

from beffroi.base.notify.actions import suppress
from beffroi.base.notify.models import Consent, ConsentState, Mail, MailState
from beffroi.base.notify.public import (
    ask_consent,
    declare_kind,
    send_mail,
    subscriber_count,
    subscribers,
)
from beffroi.base.tasks.public import run_pending

NEWS = "test.news"
declare_kind(NEWS, "News", transactional=False)


@pytest.fixture
def given(town: World) -> Consent:
    ask_consent(town.commune, NEWS, "jeanne@example.org", scope="a", title="la lettre")  # type: ignore[arg-type]
    consent = Consent.objects.get()
    Client().post(reverse("notify:confirm", kwargs={"ref": consent.ref}))
    consent.refresh_from_db()
    return consent


def write(town: World, consent: Consent | None, **options: object) -> Mail:
    return send_mail(
        town.commune, "jeanne@example.org", "Lettre", "Texte", "<p>Texte</p>", kind=NEWS, consent=consent,
        **options,  # type: ignore[arg-type]
    )  # fmt: skip


def test_double_opt_in_by_the_link_of_the_first_mail(town: World, postmaster: Postmaster) -> None:
    ask_consent(town.commune, NEWS, "jeanne@example.org", scope="a", title="la lettre")  # type: ignore[arg-type]
    run_pending()
    [message] = postmaster.taken
    body = message.get_body(("plain",))
    assert body is not None
    link = re.search(r"http://testserver(/\S+)", body.get_content())
    assert link is not None
    browser = Client()
    page = browser.get(link[1])
    assert page.status_code == 200
    assert Consent.objects.get().state == ConsentState.ASKED, (
        "a scanner that opens links confirms nothing"
    )
    assert "C’est confirmé" in browser.post(link[1]).content.decode()
    assert Consent.objects.get().state == ConsentState.GIVEN
    assert [c.recipient for c in subscribers(town.commune, NEWS, ["a"])] == ["jeanne@example.org"]  # type: ignore[arg-type]
    assert subscriber_count(town.commune, NEWS, ["a", "b"]) == 1  # type: ignore[arg-type]


def test_without_consent_nothing_leaves(town: World, postmaster: Postmaster) -> None:
    mail = write(town, None)
    run_pending()
    assert (mail.state, mail.reason) == (MailState.WITHHELD, "no consent")
    assert postmaster.taken == []


def test_a_mail_with_consent_carries_the_one_click_link(
    town: World, given: Consent, postmaster: Postmaster
) -> None:
    run_pending()
    postmaster.taken.clear()
    write(town, given)
    run_pending()
    [message] = postmaster.taken
    url = f"http://testserver{reverse('notify:unsubscribe', kwargs={'ref': given.ref})}"
    assert message["List-Unsubscribe"] == f"<{url}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for kind in ("plain", "html"):
        body = message.get_body((kind,))
        assert body is not None
        assert url in body.get_content()


def test_one_click_needs_neither_cookie_nor_token_and_opening_changes_nothing(
    town: World, given: Consent
) -> None:
    url = reverse("notify:unsubscribe", kwargs={"ref": given.ref})
    provider = Client(enforce_csrf_checks=True)
    assert provider.get(url).status_code == 200
    given.refresh_from_db()
    assert given.state == ConsentState.GIVEN
    answer = provider.post(
        url, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 200
    given.refresh_from_db()
    assert (given.state, given.recipient) == (ConsentState.WITHDRAWN, "")
    assert write(town, given).state == MailState.WITHHELD
    assert provider.post(url).status_code == 200, "twice is once"


def test_a_mail_queued_before_the_withdrawal_does_not_leave(
    town: World, given: Consent, postmaster: Postmaster
) -> None:
    run_pending()
    postmaster.taken.clear()
    mail = write(town, given)
    Client().post(reverse("notify:unsubscribe", kwargs={"ref": given.ref}))
    run_pending()
    mail.refresh_from_db()
    assert mail.state == MailState.WITHHELD
    assert postmaster.taken == []


def test_an_old_link_does_not_confirm_a_new_wish(town: World, given: Consent) -> None:
    old = reverse("notify:confirm", kwargs={"ref": given.ref})
    Client().post(reverse("notify:unsubscribe", kwargs={"ref": given.ref}))
    ask_consent(town.commune, NEWS, "jeanne@example.org", scope="a", title="la lettre")  # type: ignore[arg-type]
    assert Client().post(old).status_code == 404
    assert Consent.objects.get().state == ConsentState.ASKED


def test_another_authority_does_not_know_the_link(town: World, given: Consent) -> None:
    for view in ("notify:confirm", "notify:unsubscribe"):
        path = reverse(view, kwargs={"ref": given.ref})
        assert Client().post(f"/a/saint-clair{path}").status_code == 404
    given.refresh_from_db()
    assert given.state == ConsentState.GIVEN


def test_a_form_cannot_fill_a_mailbox(town: World) -> None:
    for number in range(6):
        ask_consent(town.commune, NEWS, "jeanne@example.org", scope=str(number), title="x")  # type: ignore[arg-type]
    assert Mail.objects.count() == 3


def test_the_form_is_silent_about_who_is_known(town: World, given: Consent) -> None:
    before = Mail.objects.count()
    ask_consent(town.commune, NEWS, "jeanne@example.org", scope="a", title="la lettre")  # type: ignore[arg-type]
    assert Mail.objects.count() == before
    given.refresh_from_db()
    assert given.state == ConsentState.GIVEN


def test_a_suppressed_address_receives_what_it_asked_only(town: World, given: Consent) -> None:
    suppress("jeanne@example.org", "550 5.1.1 no such user")
    assert write(town, given).state == MailState.WITHHELD
    answer = send_mail(town.commune, "jeanne@example.org", "Confirmation", "Texte")  # type: ignore[arg-type]
    assert answer.state != MailState.WITHHELD


def test_the_log_is_for_heads_and_shows_no_address(
    town: World, client_for: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BEFFROI_SMTP_URL", raising=False)
    write(town, None)
    send_mail(town.commune, "paul@example.org", "Secret", "Texte")  # type: ignore[arg-type]
    page = client_for("head").get(reverse("notify:log"))
    assert page.status_code == 200
    text = page.content.decode()
    assert "BEFFROI_SMTP_URL" in text
    assert "paul@example.org" not in text
    assert "Secret" not in text
    assert client_for("agent").get(reverse("notify:log")).status_code == 403
    assert client_for("anonymous").get(reverse("notify:log")).status_code == 302
