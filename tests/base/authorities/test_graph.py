import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from beffroi.base.authorities.models import Authority, Competence, Domain, Share
from beffroi.base.authorities.public import holder_of, shared_with


def test_the_holder_of_a_competence_depends_on_the_date(town):
    Competence.objects.filter(territory=town.commune, domain=Domain.WATER).update(
        until=dt.date(2026, 6, 1)
    )
    Competence.objects.create(
        domain=Domain.WATER, territory=town.commune, holder=town.epci, since=dt.date(2026, 6, 1)
    )
    assert holder_of("water", town.commune, dt.date(2026, 5, 31)) == town.syndicat
    assert holder_of("water", town.commune, dt.date(2026, 6, 1)) == town.epci


def test_without_a_transfer_the_commune_keeps_its_competence(town):
    assert holder_of("lighting", town.commune) == town.commune


def test_a_share_holds_between_its_dates_and_at_its_level(town):
    assert [s.holder for s in shared_with(town.commune, "act")] == [town.syndicat]
    assert list(shared_with(town.other)) == []
    Share.objects.update(until=dt.date(2020, 2, 1))
    assert list(shared_with(town.commune, "act")) == []


def test_an_edge_cannot_end_before_it_begins(town):
    with pytest.raises(IntegrityError), transaction.atomic():
        Share.objects.create(
            holder=town.syndicat,
            viewer=town.other,
            domain="water",
            since=dt.date(2026, 1, 2),
            until=dt.date(2026, 1, 1),
        )


def test_a_brand_colour_that_cannot_be_read_is_refused(town, client_for):
    town.commune.primary_colour = "#77CCBB"
    with pytest.raises(ValidationError):
        town.commune.full_clean()
    response = client_for("admin").post(
        reverse("people:authority"),
        {"phone": "1", "primary_colour": "#77CCBB", "primary_colour_dark": ""},
    )
    assert response.status_code == 422
    assert (
        client_for("admin")
        .post(
            reverse("people:authority"),
            {"phone": "02", "primary_colour": "#0A655C", "primary_colour_dark": "#5CC9BA"},
        )
        .status_code
        == 302
    )
    assert Authority.objects.get(pk=town.commune.pk).primary_colour == "#0A655C"


def test_a_path_prefix_chooses_the_authority_and_links_keep_it(town, client_for):
    page = client_for().get("/a/saint-clair/connexion/")
    assert page.status_code == 200
    assert "Saint-Clair-des-Vignes" in page.content.decode()
    assert 'href="/a/saint-clair/' in page.content.decode()
    assert client_for().get("/a/nowhere/connexion/").status_code == 404


def test_a_host_name_chooses_the_authority(town, client_for, settings):
    settings.ALLOWED_HOSTS = ["saint-clair.example", "testserver"]
    Authority.objects.filter(pk=town.other.pk).update(host="saint-clair.example")
    page = client_for().get("/connexion/", headers={"host": "saint-clair.example"})
    assert "Saint-Clair-des-Vignes" in page.content.decode()
