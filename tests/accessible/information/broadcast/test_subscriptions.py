"""A resident follows a street by e-mail."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from tests.conftest import World

from beffroi.accessible.information.broadcast import actions, tasks
from beffroi.accessible.information.broadcast.mails import STREET_KIND, scope_of
from beffroi.accessible.information.broadcast.models import Notice
from beffroi.base.access.public import Actor
from beffroi.base.notify.models import Consent, ConsentState, Mail, MailState
from beffroi.base.notify.public import recipient_hash
from beffroi.base.tasks.models import Task

Make = Callable[..., Notice]


def subscribe(town: World, street: str, *addresses: str) -> None:
    """Consents as they stand after the double opt-in."""
    from django.utils import timezone

    for address in addresses:
        Consent.objects.create(
            authority=town.commune, kind=STREET_KIND, scope=scope_of(town.streets[street]),  # type: ignore[misc, arg-type]
            title=street, recipient=address, recipient_hash=recipient_hash(address),
            state=ConsentState.GIVEN, asked_at=timezone.now(), given_at=timezone.now(),
        )  # fmt: skip


def drain() -> int:
    """Do the batches as the worker would; returns how many ran."""
    count = 0
    while task := Task.objects.filter(name="broadcast.mail_subscribers").order_by("pk").first():
        arguments = task.arguments
        task.delete()
        tasks.mail_subscribers(**arguments)
        count += 1
    return count


def test_a_form_and_a_link_make_a_subscription(town: World) -> None:
    client = Client()
    answer = client.post(
        reverse("broadcast:subscribe"),
        {"street": "rue des Tanneurs", "email": "jeanne@example.org"},
    )
    assert answer.status_code == 302
    consent = Consent.objects.get()
    assert (consent.scope, consent.state) == (
        scope_of(town.streets["rue-des-tanneurs"]),
        ConsentState.ASKED,
    )  # type: ignore[arg-type]
    client.post(reverse("notify:confirm", kwargs={"ref": consent.ref}))
    consent.refresh_from_db()
    assert consent.state == ConsentState.GIVEN


@pytest.mark.parametrize(
    "fields",
    [
        {"street": "rue des Tanneurs", "email": "jeanne"},
        {"street": "", "email": "jeanne@example.org"},
        {"street": "rue Imaginaire", "email": "jeanne@example.org"},
        {"street": "rue", "email": "jeanne@example.org"},
    ],
)
def test_an_incomplete_request_says_what_is_missing(town: World, fields: dict[str, str]) -> None:
    answer = Client().post(reverse("broadcast:subscribe"), fields)
    assert answer.status_code == 422
    assert not Consent.objects.exists()
    assert not Mail.objects.exists()


def test_publishing_writes_to_the_streets_subscribers_once_each(
    town: World, agent: Actor, proposed: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "BATCH", 2)
    subscribe(town, "rue-des-tanneurs", "a@example.org", "b@example.org", "c@example.org")
    subscribe(town, "quai-foch", "b@example.org", "d@example.org", "e@example.org")
    subscribe(town, "rue-de-l-eglise", "z@example.org")
    notice = proposed(streets=[town.streets["rue-des-tanneurs"], town.streets["quai-foch"]])
    actions.publish(agent, notice)
    assert drain() == 4
    mails = Mail.objects.filter(kind=STREET_KIND)
    assert sorted(mails.values_list("recipient", flat=True)) == [
        f"{letter}@example.org" for letter in "abcde"
    ]
    assert {mail.about for mail in mails} == {f"broadcast.notice:{notice.pk}:published"}


def test_a_batch_that_runs_again_writes_to_nobody_twice(
    town: World, agent: Actor, proposed: Make
) -> None:
    subscribe(town, "rue-des-tanneurs", "a@example.org", "b@example.org")
    notice = actions.publish(agent, proposed())
    tasks.mail_subscribers(notice.pk, "published", 0)
    tasks.mail_subscribers(notice.pk, "published", 0)
    assert Mail.objects.filter(kind=STREET_KIND).count() == 2


def test_who_left_between_two_batches_receives_nothing(
    town: World, agent: Actor, proposed: Make
) -> None:
    subscribe(town, "rue-des-tanneurs", "a@example.org")
    notice = actions.publish(agent, proposed())
    consent = Consent.objects.get()
    Client().post(reverse("notify:unsubscribe", kwargs={"ref": consent.ref}))
    drain()
    assert not Mail.objects.filter(kind=STREET_KIND).exclude(state=MailState.WITHHELD).exists()
    assert notice.state == "published"


def test_the_end_is_written_too_and_a_late_batch_of_the_publication_stops(
    town: World, agent: Actor, proposed: Make
) -> None:
    subscribe(town, "rue-des-tanneurs", "a@example.org")
    notice = actions.publish(agent, proposed())
    actions.end(agent, notice, "L’eau est revenue.")
    drain()
    [mail] = Mail.objects.filter(kind=STREET_KIND)
    assert mail.subject.startswith("Terminé")
    assert "L’eau est revenue." in mail.text
    assert f"http://testserver/annonces/{notice.ref}/" in mail.text
