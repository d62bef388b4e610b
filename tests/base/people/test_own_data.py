import json

from django.urls import reverse

from beffroi.base.audit.models import Entry
from beffroi.base.people.models import Account, Person
from beffroi.base.people.public import person_for


def test_a_person_receives_all_that_is_kept_about_him(town, client_for):
    response = client_for("resident").post(reverse("people:export"))
    data = json.loads(response.content)
    assert data["people"]["family_name"] == "Martin"
    assert response["Content-Disposition"].startswith("attachment")


def test_erasing_needs_a_clear_yes_then_leaves_no_name(town, client_for):
    person = town.accounts["resident"].person
    client = client_for("resident")
    assert client.post(reverse("people:erase"), {}).status_code == 422
    assert Person.objects.filter(pk=person.pk).exists()
    assert client.post(reverse("people:erase"), {"confirm": "on"}).status_code == 200
    assert not Person.objects.filter(pk=person.pk).exists()
    assert not Account.objects.filter(email="resident@vernay.example").exists()
    assert Entry.objects.filter(verb="person.erased", person_key=person.key).exists()


def test_two_people_with_one_e_mail_stay_two_people(town, actor):
    first = person_for(actor("anonymous"), "Ana", "Roy", "ana@example.org", "")
    second = person_for(town.commune, "Ana", "Roy", "ana@example.org", "")
    assert first.pk != second.pk
    assert person_for(actor("resident")).pk == town.accounts["resident"].person.pk


def test_names_of_all_scripts_are_kept_and_escaped(town, client_for):
    client = client_for("resident")
    name = "<script>alert(1)</script> 🦆 عبد"
    client.post(
        reverse("people:account"), {"given_name": name, "family_name": "Martin", "phone": ""}
    )
    assert Person.objects.filter(given_name=name).exists()
    page = client.get(reverse("people:account")).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;" in page
