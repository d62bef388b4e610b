from beffroi.base.authorities.models import Service, Site, Street
from beffroi.base.provenance.public import Step, chain, describe, link, readings_behind


def described(kind, label):
    describe(kind, lambda id, version, actor: Step(label, f"{label} {id}"))


def test_the_chain_runs_from_the_first_cause_to_the_last_effect(town, agent):
    for kind, label in [
        ("authorities.street", "rue"),
        ("authorities.site", "lieu"),
        ("authorities.service", "service"),
    ]:
        described(kind, label)
    street, site, service = town.streets["quai-foch"], town.site, town.services["accueil"]
    reading = ["2026-11-23T02:00:00Z", 17.4, "m³/h", "Débit"]
    link(site, street, readings=[reading])
    link(service, site)
    link(service, site)  # twice is once
    steps = chain(site, agent)
    assert [step.kind_label for step in steps] == ["rue", "lieu", "service"]
    assert [step.state for step in steps] == ["done", "now", "done"]
    assert readings_behind(service) == [reading]


def test_a_cycle_ends_and_what_may_not_be_seen_is_left_out(town, agent):
    described("authorities.street", "rue")
    describe("authorities.site", lambda id, version, actor: None)
    link(town.site, town.streets["quai-foch"])
    link(town.streets["quai-foch"], town.site)
    assert [step.kind_label for step in chain(town.streets["quai-foch"], agent)] == ["rue"]


def test_a_chain_costs_queries_by_level_and_not_by_edge(town, agent, django_assert_max_num_queries):
    described("authorities.street", "rue")
    described("authorities.service", "service")
    for n in range(12):
        street = Street.objects.create(authority=town.commune, name=f"rue {n}", slug=f"rue-{n}")
        link(town.site, street)
        link(Service.objects.create(authority=town.commune, name=f"S{n}", slug=f"s{n}"), town.site)
    with django_assert_max_num_queries(4):
        steps = chain(town.site, agent)
    assert len([s for s in steps if s.kind_label == "rue"]) == 12
    assert isinstance(town.site, Site)
