"""Who was erased does not come back with a backup."""

from django.db import transaction

from beffroi.base.people.models import Person
from beffroi.base.people.public import erase_person, person_for, replay_erasures


def test_whoever_comes_back_with_a_backup_is_erased_again(
    town, installation, django_capture_on_commit_callbacks
):
    gone = person_for(town.commune, "Ana", "Roy", "ana@example.org")
    stays = person_for(town.commune, "Bo", "Roy", "bo@example.org")
    key = gone.key
    assert replay_erasures() == 0
    with django_capture_on_commit_callbacks(execute=True):
        erase_person(gone)
    assert (installation.data / "erased").read_text() == f"{key}\n"
    assert (installation.data / "erased").stat().st_mode & 0o777 == 0o600

    Person.objects.create(key=key, authority=town.commune, family_name="Roy")
    assert replay_erasures() == 1
    assert not Person.objects.filter(key=key).exists()
    assert Person.objects.filter(pk=stays.pk).exists()


def test_an_erasure_that_failed_is_not_remembered(
    town, installation, django_capture_on_commit_callbacks
):
    kept = person_for(town.commune, "Ana", "Roy", "ana@example.org")
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        erase_person(kept)
        transaction.set_rollback(True)
    assert Person.objects.filter(key=kept.key).exists()
    assert not (installation.data / "erased").exists()
