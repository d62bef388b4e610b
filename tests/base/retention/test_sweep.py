import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.db.models.signals import pre_delete
from django.urls import reverse
from django.utils import timezone

from beffroi.accessible.information.assistant.models import Conversation
from beffroi.base.audit.models import Entry
from beffroi.base.audit.public import record
from beffroi.base.retention import actions
from beffroi.base.retention.public import days_for


def test_what_has_been_kept_long_enough_leaves_and_the_rest_stays(town, agent):
    old, young = record(agent, "old"), record(agent, "young")
    Entry.objects.filter(pk=old.pk).update(at=timezone.now() - dt.timedelta(days=400))
    assert actions.sweep()["audit.Entry"] == 1
    assert list(Entry.objects.values_list("pk", flat=True)) == [young.pk]
    assert actions.sweep() == {}


def test_an_authority_chooses_its_own_duration(town, actor, agent):
    with pytest.raises(PermissionDenied):
        actions.choose_duration(actor("head"), "audit.Entry", 800)
    actions.choose_duration(actor("admin"), "audit.Entry", 800)
    assert days_for(town.commune, "audit.Entry") == 800
    assert days_for(town.other, "audit.Entry") == 366
    entry = record(agent, "old")
    Entry.objects.filter(pk=entry.pk).update(at=timezone.now() - dt.timedelta(days=400))
    assert actions.sweep() == {}


def test_a_senseless_duration_is_refused(town, actor, client_for):
    for kind, days in [("audit.Entry", 0), ("audit.Nothing", 5)]:
        with pytest.raises(ValidationError):
            actions.choose_duration(actor("admin"), kind, days)
    page = client_for("admin").post(
        reverse("retention:durations"), {"kind": "audit.Entry", "days": "beaucoup"}
    )
    assert page.status_code == 422
    assert "Rien n’a été changé" in page.content.decode()
    page = client_for("admin").post(
        reverse("retention:durations"), {"kind": "audit.Entry", "days": "500"}
    )
    assert page.status_code == 302


def test_a_duration_that_the_journal_refuses_is_not_chosen(town, actor, client_for):
    with pytest.raises(ValidationError):
        actions.choose_duration(actor("admin"), "audit.Entry", 30)
    page = client_for("admin").post(
        reverse("retention:durations"), {"kind": "audit.Entry", "days": "30"}
    )
    assert page.status_code == 422
    assert "366" in page.content.decode()


def test_a_kind_that_cannot_be_removed_does_not_keep_the_others(town, agent):
    long_ago = timezone.now() - dt.timedelta(days=400)
    entry = record(agent, "old")
    Entry.objects.filter(pk=entry.pk).update(at=long_ago)
    talk = Conversation.objects.create(authority=town.commune)
    Conversation.objects.filter(pk=talk.pk).update(last_at=long_ago)

    def refuse(sender, **_: object) -> None:
        raise IntegrityError("refused")

    pre_delete.connect(refuse, Conversation)
    try:
        with pytest.raises(actions.NotAllRemoved, match=r"assistant\.Conversation"):
            actions.sweep()
    finally:
        pre_delete.disconnect(refuse, Conversation)
    assert not Entry.objects.exists()
    assert actions.sweep() == {"assistant.Conversation": 1}
