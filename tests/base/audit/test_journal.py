import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from beffroi.base.audit import append_only
from beffroi.base.audit.models import Entry
from beffroi.base.audit.public import record


@pytest.fixture
def sealed(db):
    append_only.install(connection)
    yield
    append_only.remove(connection)


def test_an_entry_can_neither_change_nor_leave_within_a_year(sealed, agent):
    entry = record(agent, "notice.published", agent.authority)
    with pytest.raises(DatabaseError), transaction.atomic():
        Entry.objects.filter(pk=entry.pk).update(verb="nothing")
    with pytest.raises(DatabaseError), transaction.atomic():
        entry.delete()
    assert Entry.objects.get(pk=entry.pk).verb == "notice.published"


def test_an_old_entry_may_leave(sealed, agent):
    entry = record(agent, "notice.published", agent.authority)
    append_only.remove(connection)
    Entry.objects.filter(pk=entry.pk).update(at="2024-01-01T00:00:00Z")
    append_only.install(connection)
    Entry.objects.filter(pk=entry.pk).delete()
    assert not Entry.objects.exists()


def test_an_entry_names_a_person_by_key_only(agent):
    entry = record(agent, "notice.published", agent.authority, streets=2)
    assert entry.person_key == agent.person_key
    assert "Moreau" not in str(entry.detail) + entry.automatic


def test_reading_the_journal_is_written_down_and_an_erased_person_has_no_name(
    client_for, agent, head
):
    record(agent, "notice.published", agent.authority)
    page = client_for("head").get(reverse("audit:journal")).content.decode()
    assert "Inès Moreau" in page
    assert Entry.objects.filter(verb="journal.read", person_key=head.person_key).exists()
    agent.account.person.delete()
    page = client_for("head").get(reverse("audit:journal")).content.decode()
    assert "Inès Moreau" not in page
    assert "personne effacée" in page


def test_the_journal_of_one_authority_is_not_read_from_another(client_for, agent, town):
    record(agent, "notice.published", agent.authority)
    page = client_for("head", town.other).get("/a/saint-clair/bureau/journal/").content.decode()
    assert "Inès Moreau" not in page
    assert client_for("agent").get(reverse("audit:journal")).status_code == 403
