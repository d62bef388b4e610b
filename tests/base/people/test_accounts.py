import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from beffroi.base.access.models import Grant
from beffroi.base.access.public import Role
from beffroi.base.people import actions
from beffroi.base.people.models import Account

INVITED = {
    "email": "new@vernay.example",
    "given_name": "Paul",
    "family_name": "Roy",
    "role": "agent",
    "service": "",
}


def test_an_administrator_invites_and_the_link_serves_once(town, client_for):
    assert client_for("admin").post(reverse("people:accounts"), INVITED).status_code == 302
    account = Account.objects.get(email="new@vernay.example")
    link = reverse("people:choose_password", args=actions.invitation_path(account))
    client = client_for()
    chosen = {"password1": "une phrase facile 9", "password2": "une phrase facile 9"}
    assert client.post(link, {"password1": "court", "password2": "court"}).status_code == 422
    assert client.post(link, chosen).status_code == 302
    assert client_for().get(link).status_code == 404
    assert client.get(reverse("people:account")).status_code == 200


def test_only_an_administrator_gives_roles(town, client_for, actor):
    for role in ("resident", "partner", "field", "agent", "head"):
        assert client_for(role).post(reverse("people:accounts"), INVITED).status_code == 403
    with pytest.raises(PermissionDenied):
        actions.invite(actor("head"), "x@y.example", "X", "Y", Role.AGENT)
    assert not Account.objects.filter(email="new@vernay.example").exists()


def test_giving_a_role_to_a_known_e_mail_does_not_rename_its_owner(town, client_for):
    client_for("admin").post(
        reverse("people:accounts"), {**INVITED, "email": "resident@vernay.example"}
    )
    assert str(Account.objects.get(email="resident@vernay.example")) == "Jeanne Martin"
    assert Grant.objects.filter(account=town.accounts["resident"], role="agent").exists()


def test_a_role_of_another_authority_cannot_be_withdrawn(town, client_for):
    foreign = Grant.objects.get(account=town.other_accounts["agent"])
    own = Grant.objects.get(account=town.accounts["agent"])
    assert client_for("admin").post(reverse("people:revoke", args=[foreign.pk])).status_code == 404
    assert client_for("admin").post(reverse("people:revoke", args=[own.pk])).status_code == 302
    assert client_for("agent").get(reverse("people:accounts")).status_code == 403


def test_who_administers_one_service_gives_no_roles(town, actor, client_for):
    Grant.objects.filter(account=town.accounts["admin"]).update(service=town.services["accueil"])
    assert client_for("admin").post(reverse("people:accounts"), INVITED).status_code == 403
    assert not Account.objects.filter(email="new@vernay.example").exists()
