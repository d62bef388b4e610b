import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from beffroi.base.access.models import ApiKey, digest_of
from beffroi.base.access.public import Actor, Role, actor_of_key, declare, door, new_ref, visible
from beffroi.base.authorities.models import Service, Street


def test_a_door_opens_on_ones_own_authority_only(town, agent, actor):
    street = town.streets["quai-foch"]
    assert door(Street, agent, pk=street.pk) == street
    with pytest.raises(Http404):
        door(Street, actor("agent", town.other), pk=street.pk)
    with pytest.raises(Http404):
        door(Street, agent, pk="no number")
    with pytest.raises(Http404):
        door(Street, agent, pk=10**40)


def test_a_share_opens_a_domain_at_its_level_and_no_other(town, agent, actor):
    water = Service.objects.create(
        authority=town.syndicat, name="Réseau", slug="reseau", domain="water"
    )
    energy = Service.objects.create(
        authority=town.syndicat, name="Énergie", slug="energie", domain="energy"
    )
    assert door(Service, agent, pk=water.pk) == water
    assert door(Service, agent, "act", pk=water.pk) == water
    with pytest.raises(Http404):
        door(Service, agent, pk=energy.pk)
    assert water not in visible(Service.objects.all(), actor("agent", town.other))
    town.syndicat.shares_given.update(level="see")
    with pytest.raises(Http404):
        door(Service, agent, "act", pk=water.pk)


def test_a_misspelt_permission_is_an_error_and_not_a_refusal(agent):
    with pytest.raises(LookupError):
        agent.may("people.mange")


def test_permissions_follow_the_roles(agent, actor):
    actor("admin").require("people.manage")
    with pytest.raises(PermissionDenied):
        agent.require("people.manage")
    with pytest.raises(ValueError, match="twice"):
        declare("people.manage", "x", Role.AGENT)
    declare("people.manage", "x", Role.ADMIN)


def test_an_automatic_step_acts_under_its_own_name(town):
    step = Actor.system(town.commune, "moteur de règles")
    assert step.may("people.manage")
    assert step.person_key is None
    assert not step.is_signed_in


def test_an_api_key_opens_its_own_authority_until_revoked(town):
    key = new_ref() * 2
    row = ApiKey.objects.create(
        authority=town.commune, name="SIG", digest=digest_of(key), role=Role.AGENT
    )
    assert actor_of_key(key, town.commune).roles == {Role.AGENT}
    assert actor_of_key(key, town.other) is None
    assert actor_of_key("wrong", town.commune) is None
    row.revoked_at = row.created_at
    row.save()
    assert actor_of_key(key, town.commune) is None


def test_references_are_long_and_unlike():
    refs = {new_ref() for _ in range(1000)}
    assert len(refs) == 1000
    assert all(len(ref) == 16 and ref.isalnum() for ref in refs)
