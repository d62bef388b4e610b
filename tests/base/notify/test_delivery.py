"""From the business transaction to a real SMTP server, and back to the log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from tests.base.notify.conftest import Postmaster, check_login, free_port
from tests.conftest import World

from beffroi.base.notify import tasks
from beffroi.base.notify.models import Mail, MailState, Suppression
from beffroi.base.notify.public import Attached, erase_recipient, recipient_hash, send_mail
from beffroi.base.tasks.models import Task
from beffroi.base.tasks.public import run_pending


def write(town: World, to: str = "jeanne@example.org", **options: object) -> Mail:
    return send_mail(town.commune, to, "Votre rendez-vous", "À demain.", **options)  # type: ignore[arg-type]


def due_now() -> None:
    """Bring forward what waits for a later try."""
    Task.objects.update(due=timezone.now())


def test_a_mail_leaves_after_the_commit_and_is_logged(town: World, postmaster: Postmaster) -> None:
    with transaction.atomic():
        mail = write(town, html="<p>À demain.</p>")
        assert postmaster.taken == []
    run_pending()
    mail.refresh_from_db()
    assert (mail.state, mail.tries) == (MailState.SENT, 1)
    assert mail.sent_at is not None
    [message] = postmaster.taken
    assert postmaster.recipients == ["jeanne@example.org"]
    assert message["Subject"] == "Votre rendez-vous"
    assert message["From"] == "Vernay-sur-Loire <ne-pas-repondre@vernay.example>"
    assert message["Reply-To"] == "mairie@vernay.example"
    assert message["Message-ID"] == f"<{mail.ref.lower()}@vernay.example>"
    assert message["List-Unsubscribe"] is None
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert plain.get_content().strip() == "À demain."
    assert html is not None
    assert "<p>À demain.</p>" in html.get_content()


def test_a_transaction_that_fails_writes_to_nobody(town: World, postmaster: Postmaster) -> None:
    with transaction.atomic():
        write(town)
        transaction.set_rollback(True)
    run_pending()
    assert postmaster.taken == []
    assert not Mail.objects.exists()


def test_one_mail_per_kind_subject_and_recipient(town: World, postmaster: Postmaster) -> None:
    first = write(town, subject_obj=town.site, occasion="v1")
    assert write(town, subject_obj=town.site, occasion="v1") == first
    assert write(town, "JEANNE@example.org", subject_obj=town.site, occasion="v1") == first
    later = write(town, subject_obj=town.site, occasion="v2")
    other = write(town, "paul@example.org", subject_obj=town.site, occasion="v1")
    run_pending()
    assert len({first.pk, later.pk, other.pk}) == 3
    assert len(postmaster.taken) == 3


def test_an_attachment_keeps_its_type_and_name(town: World, postmaster: Postmaster) -> None:
    invitation = Attached(
        "rdv.ics", "text/calendar; method=REQUEST; charset=utf-8", b"BEGIN:VCALENDAR"
    )
    write(town, attachments=[invitation])
    run_pending()
    [part] = postmaster.taken[0].iter_attachments()
    assert part.get_content_type() == "text/calendar"
    assert part["Content-Type"].params["method"] == "REQUEST"
    assert part.get_filename() == "rdv.ics"
    assert part.get_payload(decode=True).startswith(b"BEGIN:VCALENDAR")  # type: ignore[union-attr]


def test_too_large_an_attachment_is_refused(town: World) -> None:
    with pytest.raises(ValidationError, match="5 Mo"):
        write(town, attachments=[Attached("a.bin", "application/octet-stream", b"0" * (6 << 20))])
    assert not Mail.objects.exists()


def test_a_temporary_refusal_is_tried_again(town: World, postmaster: Postmaster) -> None:
    postmaster.at_rcpt["jeanne@example.org"] = ["451 4.7.1 greylisted"]
    mail = write(town)
    run_pending()
    mail.refresh_from_db()
    assert mail.state == MailState.QUEUED
    assert "451" in mail.reason
    assert mail.next_try_at is not None
    assert mail.next_try_at > timezone.now()
    due_now()
    run_pending()
    mail.refresh_from_db()
    assert (mail.state, mail.tries, len(postmaster.taken)) == (MailState.SENT, 2, 1)


def test_a_permanent_refusal_is_final_and_suppresses_a_dead_address(
    town: World, postmaster: Postmaster
) -> None:
    postmaster.at_rcpt["jeanne@example.org"] = ["550 5.1.1 no such user"]
    mail, fine = write(town), write(town, "paul@example.org")
    run_pending()
    mail.refresh_from_db()
    fine.refresh_from_db()
    assert (mail.state, mail.tries) == (MailState.REFUSED, 1)
    assert "no such user" in mail.reason
    assert fine.state == MailState.SENT
    assert Suppression.objects.filter(recipient_hash=recipient_hash("jeanne@example.org")).exists()
    assert not Task.objects.filter(name="notify.deliver").exists()


def test_a_message_refused_for_its_content_does_not_condemn_the_address(
    town: World, postmaster: Postmaster
) -> None:
    postmaster.at_data = ["554 5.7.1 looks like spam"]
    mail = write(town)
    run_pending()
    mail.refresh_from_db()
    assert mail.state == MailState.REFUSED
    assert not Suppression.objects.exists()


def test_a_server_that_is_down_delays_and_loses_nothing(
    town: World, start_server: Callable[..., Controller], monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv("BEFFROI_SMTP_URL", f"smtp://127.0.0.1:{port}")
    mail = write(town)
    run_pending()
    mail.refresh_from_db()
    assert mail.state == MailState.QUEUED
    assert "ConnectionRefusedError" in mail.reason
    handler = Postmaster()
    start_server(handler, port)
    due_now()
    run_pending()
    mail.refresh_from_db()
    assert mail.state == MailState.SENT
    assert len(handler.taken) == 1


def test_tries_come_to_an_end(town: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEFFROI_SMTP_URL", f"smtp://127.0.0.1:{free_port()}")
    mail = write(town)
    for _ in range(len(tasks.WAITS) + 2):
        due_now()
        run_pending()
    mail.refresh_from_db()
    assert mail.state == MailState.FAILED
    assert mail.text == "À demain."
    assert sum(tasks.WAITS, timedelta()) > timedelta(days=4)


def test_a_line_cut_between_accept_and_record_resends_the_same_message(
    town: World, postmaster: Postmaster
) -> None:
    postmaster.cut_after_data = 1
    mail = write(town)
    run_pending()
    due_now()
    run_pending()
    mail.refresh_from_db()
    assert (mail.state, mail.tries) == (MailState.SENT, 2)
    first, second = postmaster.taken
    assert first["Message-ID"] == second["Message-ID"] == f"<{mail.ref.lower()}@vernay.example>"
    assert first["Date"] == second["Date"]


def test_a_worker_killed_after_the_server_accepted_resends_the_same_message(
    town: World, postmaster: Postmaster, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = write(town)

    def killed(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(tasks, "_settle", killed)
        with pytest.raises(SystemExit):
            tasks.deliver([mail.pk])
    tasks.deliver([mail.pk])
    mail.refresh_from_db()
    assert mail.state == MailState.SENT
    assert {m["Message-ID"] for m in postmaster.taken} == {f"<{mail.ref.lower()}@vernay.example>"}
    tasks.deliver([mail.pk])
    assert len(postmaster.taken) == 2


def test_without_a_server_mails_wait_and_leave_when_one_is_set(
    town: World, monkeypatch: pytest.MonkeyPatch, start_server: Callable[..., Controller]
) -> None:
    monkeypatch.delenv("BEFFROI_SMTP_URL", raising=False)
    mail = write(town)
    run_pending()
    tasks.resume()
    mail.refresh_from_db()
    assert mail.state == MailState.NOT_CONFIGURED
    handler, port = Postmaster(), free_port()
    start_server(handler, port)
    monkeypatch.setenv("BEFFROI_SMTP_URL", f"smtp://127.0.0.1:{port}")
    tasks.resume()
    run_pending()
    mail.refresh_from_db()
    assert mail.state == MailState.SENT
    assert len(handler.taken) == 1


def test_a_mail_whose_task_was_lost_gets_a_new_one(town: World, postmaster: Postmaster) -> None:
    mail = write(town)
    Task.objects.all().delete()
    tasks.resume()
    assert not Task.objects.exists()
    Mail.objects.update(created_at=timezone.now() - timedelta(hours=1))
    tasks.resume()
    run_pending()
    mail.refresh_from_db()
    assert mail.state == MailState.SENT


def test_a_login_is_used_and_a_wrong_one_is_a_setting_to_correct(
    town: World, start_server: Callable[..., Controller], monkeypatch: pytest.MonkeyPatch
) -> None:
    handler, port = Postmaster(), free_port()
    start_server(
        handler,
        port,
        authenticator=check_login,
        auth_require_tls=False,
        auth_exclude_mechanism=["LOGIN"],
    )
    monkeypatch.setenv("BEFFROI_SMTP_URL", f"smtp://beffroi:wrong@127.0.0.1:{port}")
    mail = write(town)
    run_pending()
    mail.refresh_from_db()
    assert mail.state == MailState.QUEUED
    assert "Authentication" in mail.reason
    monkeypatch.setenv("BEFFROI_SMTP_URL", f"smtp://beffroi:p%40ss%20word@127.0.0.1:{port}")
    due_now()
    run_pending()
    mail.refresh_from_db()
    assert mail.state == MailState.SENT


@pytest.mark.parametrize(
    "address",
    [
        "jeanne@example.org\nBcc: all@example.org",
        "jeanne@example.org, paul@example.org",
        "Jeanne <jeanne@example.org>",
        "jeanne@example.org>\r\nRCPT TO:<x@y.fr",
        "",
        "jeanne",
    ],
)
def test_an_impossible_address_is_refused_at_once(town: World, address: str) -> None:
    with pytest.raises(ValidationError):
        write(town, address)
    assert not Mail.objects.exists()


def test_no_header_can_be_injected(town: World, postmaster: Postmaster) -> None:
    town.commune.name = "Vernay\r\nBcc: all@example.org"  # type: ignore[attr-defined]
    town.commune.save()  # type: ignore[attr-defined]
    send_mail(
        town.commune,  # type: ignore[arg-type]
        "jeanne@example.org",
        "Bonjour\r\nBcc: all@example.org\x00\u2028X: 1",
        "Texte\r\n.\r\nRCPT TO:<x@y.fr>",
        attachments=[Attached('a"\r\nX-Evil: 1.txt', "text/plain", b"x")],
    )
    run_pending()
    [message] = postmaster.taken
    assert postmaster.recipients == ["jeanne@example.org"]
    assert message["Bcc"] is None
    assert message["X"] is None
    assert message["X-Evil"] is None
    assert message["Subject"] == "Bonjour Bcc: all@example.org X: 1"
    body = message.get_body(("plain",))
    assert body is not None
    assert "RCPT TO:<x@y.fr>" in body.get_content()


def test_emoji_and_right_to_left_text_arrive_whole(town: World, postmaster: Postmaster) -> None:
    send_mail(town.commune, "jeanne@example.org", "💧 Coupure – مياه", "🚰 مياه شارع\nÉté")  # type: ignore[arg-type]
    run_pending()
    [message] = postmaster.taken
    assert message["Subject"] == "💧 Coupure – مياه"
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content().splitlines()[0] == "🚰 مياه شارع"


def test_an_erased_person_leaves_only_a_hash(town: World, postmaster: Postmaster) -> None:
    sent = write(town)
    run_pending()
    waiting = write(town, deliver_now=False)
    erase_recipient("Jeanne@Example.org")
    for mail in (sent, waiting):
        mail.refresh_from_db()
        assert (mail.recipient, mail.subject, mail.text) == ("", "", "")
        assert len(mail.recipient_hash) == 64
    assert sent.state == MailState.SENT
    assert waiting.state == MailState.WITHHELD
    run_pending()
    assert len(postmaster.taken) == 1


def test_contents_are_forgotten_after_a_month(town: World, postmaster: Postmaster) -> None:
    old, fresh, stuck = write(town), write(town), write(town, deliver_now=False)
    run_pending()
    Mail.objects.filter(pk__in=[old.pk, stuck.pk]).update(
        created_at=timezone.now() - timedelta(days=31)
    )
    tasks.forget_old()
    texts = dict(Mail.objects.values_list("pk", "text"))
    assert (texts[old.pk], texts[fresh.pk], texts[stuck.pk]) == ("", "À demain.", "À demain.")


def test_a_kind_nobody_declared_is_a_fault(town: World) -> None:
    with pytest.raises(ValueError, match="not declared"):
        write(town, kind="broadcast.mystery")


def test_the_log_does_not_repeat_the_address_that_the_server_names(
    town: World, postmaster: Postmaster
) -> None:
    postmaster.at_rcpt["jeanne@example.org"] = ["550 5.1.1 <Jeanne@example.org>: unknown here"]
    mail = write(town)
    run_pending()
    mail.refresh_from_db()
    assert mail.state == MailState.REFUSED
    assert "unknown here" in mail.reason
    assert "jeanne" not in mail.reason.lower()
    assert "jeanne" not in Suppression.objects.get().reason.lower()
